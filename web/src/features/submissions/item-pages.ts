/** One page as it is fetched. */
export interface FetchedPage<Row> {
  rows: Row[];
  next: string | undefined;
}

/** What a page is asked by: its cursor, or the number of its first row; `undefined` is the first page. */
export type PageStart = string | number | undefined;

/** Fetches the page that begins there. */
export type FetchPage<Row> = (at: PageStart, signal: AbortSignal) => Promise<FetchedPage<Row>>;

/** Where a page begins: what it is asked by, and the number of its first row. */
interface Place {
  at: PageStart;
  start: number;
}

interface Options<Row> {
  fetch: FetchPage<Row>;
  /** Called after every change: a page came, the end was found, a fetch failed. */
  onChange: () => void;
  /** How many pages are kept. */
  capacity?: number;
  /** Rows of a page, where pages can be asked for by the number of their first row. `grow` then says how many rows that holds for. */
  numbered?: number;
}

/**
 * Rows of a list by their number, in bounded memory: the place of each page is kept (a few bytes), its rows only while they are near.
 * A keyset cursor leads only forward: going back fetches rows again by their cursor, going far ahead walks there page by page. A page
 * may be empty and still have a next one; the walk goes on by itself. As far as rows are numbered nothing is walked.
 */
export class ItemPages<Row> {
  /** Why the last fetch failed; cleared by `retry`. */
  error: unknown;
  private places: Place[] = [{ at: undefined, start: 0 }];
  /** Pages that have grown since they came. */
  private readonly short = new Set<number>();
  private readonly cache = new Map<number, Row[]>();
  private ended = false;
  private total = 0;
  /** How many rows are numbered. */
  private dense = 0;
  private from = 0;
  private to = 0;
  private running = false;
  /** Numbers what is asked: of two answers about a page the one that was asked for later counts. */
  private turn = 0;
  private readonly turns = new Map<number, number>();
  /** Rows have changed since a refresh asked for them. */
  private outdated = false;
  /** The life of the refresh that is under way. */
  private refreshing: AbortSignal | undefined;
  private life = new AbortController();
  private readonly capacity: number;

  constructor(private readonly options: Options<Row>) {
    this.capacity = options.capacity ?? 8;
  }

  /** Rows whose page was passed. */
  get known(): number {
    return this.ended ? this.total : (this.places.at(-1)?.start ?? 0);
  }

  /** True once the last page was passed: `known` is then how many there are. */
  get complete(): boolean {
    return this.ended;
  }

  /** True while it fetches. */
  get busy(): boolean {
    return this.running;
  }

  /** Pages kept. */
  get kept(): number {
    return this.cache.size;
  }

  /** The row of a number, if its page is there. */
  row(index: number): Row | undefined {
    const page = this.pageOf(index);
    if (page === undefined) return undefined;
    return this.cache.get(page)?.[index - (this.places[page]?.start ?? 0)];
  }

  /** Says which rows are looked at, `to` exclusive: they are fetched, others may be forgotten. */
  want(from: number, to: number): void {
    this.from = Math.max(0, from);
    this.to = Math.max(this.from, to);
    void this.work();
  }

  /** Says how many rows are numbered without a gap by now, and how many there are in all. */
  grow(dense: number, total: number): void {
    const { numbered } = this.options;
    if (numbered === undefined) return;
    const isLonger = dense > this.dense;
    if (!isLonger && !(this.ended && total > this.total)) return;
    if (isLonger) {
      this.dense = dense;
      while (typeof this.places.at(-1)?.at === 'string') this.forget(this.places.length - 1);
    }
    this.ended = false;
    this.short.add(this.places.length - 1);
    for (let start = this.places.length * numbered; start < this.dense; start += numbered) this.places.push({ at: start, start });
    void this.work();
  }

  /** Tries again after a failure. */
  retry(): void {
    this.error = undefined;
    if (this.outdated) void this.refresh();
    void this.work();
    this.options.onChange();
  }

  /** Changes rows that are there, in place. */
  patch(change: (row: Row) => Row): void {
    for (const [page, rows] of this.cache) this.cache.set(page, rows.map(change));
    this.options.onChange();
  }

  /**
   * Fetches what is looked at anew, and shows the old rows until the new ones come. For lists whose rows keep their numbers. One at a time:
   * called while one is under way, it goes round once more. One that fails is made again by `retry`, or by the next.
   */
  async refresh(): Promise<void> {
    const { signal } = this.life;
    this.outdated = true;
    if (signal.aborted || this.refreshing === signal) return;
    this.refreshing = signal;
    try {
      while (this.outdated) {
        this.outdated = false;
        // oxlint-disable-next-line no-await-in-loop -- one at a time
        await this.refetch(signal);
        if (signal.aborted) return;
      }
      if (this.error !== undefined) this.retry(); // it answers again
    } catch (error) {
      if (signal.aborted) return;
      this.outdated = true;
      this.error = error;
      this.options.onChange();
    } finally {
      if (this.refreshing === signal) this.refreshing = undefined;
    }
  }

  private async refetch(signal: AbortSignal): Promise<void> {
    const pages = this.wanted();
    for (const page of this.cache.keys()) if (!pages.includes(page)) this.cache.delete(page);
    for (const page of pages) {
      const place = this.places[page];
      if (!place || !this.cache.has(page)) continue;
      const turn = ++this.turn;
      // oxlint-disable-next-line no-await-in-loop -- one at a time: the server has other work
      const { rows } = await this.options.fetch(place.at, signal);
      if (signal.aborted) return;
      if (this.cache.has(page) && this.isNews(page, turn)) this.cache.set(page, rows);
      this.options.onChange();
    }
  }

  /** Whether an answer is the newest about its page; notes it. */
  private isNews(page: number, turn: number): boolean {
    if (turn < (this.turns.get(page) ?? 0)) return false;
    this.turns.set(page, turn);
    return true;
  }

  /** Forgets everything and begins again with what is looked at. */
  restart(): void {
    this.stop();
    this.life = new AbortController();
    this.places = [{ at: undefined, start: 0 }];
    this.cache.clear();
    this.short.clear();
    this.turns.clear();
    this.outdated = false;
    this.ended = false;
    this.dense = 0;
    this.error = undefined;
    void this.work();
  }

  /** Fetches nothing more. */
  stop(): void {
    this.life.abort();
    this.running = false;
  }

  private async work(): Promise<void> {
    if (this.running || this.error !== undefined) return;
    const { signal } = this.life;
    if (signal.aborted) return;
    this.running = true;
    let page = this.missing();
    while (page !== undefined && !signal.aborted) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- a cursor is known only once the page before it came
        await this.load(page, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.error = error;
        break;
      }
      if (signal.aborted) return;
      page = this.missing();
      this.running = page !== undefined;
      this.options.onChange();
    }
    this.running = false;
    if (this.error !== undefined) this.options.onChange();
  }

  private async load(page: number, signal: AbortSignal): Promise<void> {
    const place = this.places[page];
    if (!place) return;
    this.short.delete(page);
    const turn = ++this.turn;
    const { rows, next } = await this.options.fetch(place.at, signal);
    if (signal.aborted) return;
    if (page === this.places.length - 1) {
      if (next === undefined) {
        this.ended = true;
        this.total = place.start + rows.length;
      } else if (rows.length === 0) {
        place.at = next; // nothing here: the place moves on
        return;
      } else {
        this.places.push({ at: next, start: place.start + rows.length });
      }
    }
    const isNear = place.start < this.to && place.start + rows.length > this.from;
    if ((isNear || this.cache.size < this.capacity) && this.isNews(page, turn)) this.keep(page, rows);
  }

  private forget(page: number): void {
    this.places.length = page;
    this.cache.delete(page);
    this.short.delete(page);
  }

  private keep(page: number, rows: Row[]): void {
    this.cache.delete(page);
    this.cache.set(page, rows);
    const wanted = this.wanted();
    for (const old of this.cache.keys()) {
      if (this.cache.size <= Math.max(this.capacity, wanted.length)) break;
      if (!wanted.includes(old)) this.cache.delete(old);
    }
  }

  /** The next page to fetch: a missing one among the wanted, else the next step of the walk while it has not come far enough. */
  private missing(): number | undefined {
    const hole = this.wanted().find((page) => (!this.cache.has(page) || this.short.has(page)) && (page < this.places.length - 1 || this.ended));
    if (hole !== undefined) return hole;
    return !this.ended && this.known < this.to ? this.places.length - 1 : undefined;
  }

  /** Pages that hold wanted rows, as far as places are known. */
  private wanted(): number[] {
    const first = this.pageOf(Math.min(this.from, Math.max(0, this.known - 1)));
    if (first === undefined || this.from >= this.known) return [];
    const pages: number[] = [];
    const last = this.ended ? this.places.length : this.places.length - 1;
    for (let page = first; page < last && (this.places[page]?.start ?? Infinity) < this.to; page += 1) pages.push(page);
    return pages;
  }

  private pageOf(index: number): number | undefined {
    if (index < 0 || index >= this.known) return undefined;
    let [low, high] = [0, this.places.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.places[middle]?.start ?? Infinity) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
