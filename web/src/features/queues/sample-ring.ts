/** One reading of many series at one time. */
export interface Sample {
  /** Milliseconds. */
  at: number;
  values: Readonly<Record<string, number | null>>;
}

/** Readings as a chart takes them: seconds, and for each series one value or nothing per time. */
export interface Readings {
  times: number[];
  series: Record<string, (number | null)[]>;
}

/**
 * The latest readings, at most `capacity`, in fixed memory: a column of numbers for each series, written round and round. A series
 * that comes later has nothing before; where no reading was taken for `gap` milliseconds (hidden page, no server), the line is cut.
 */
export class SampleRing {
  private readonly times: Float64Array;
  private readonly columns = new Map<string, Float64Array>();
  private written = 0;

  constructor(
    private readonly capacity: number,
    private readonly gap: number,
  ) {
    this.times = new Float64Array(capacity);
  }

  /** Readings kept. */
  get size(): number {
    return Math.min(this.written, this.capacity);
  }

  /** Keeps a reading; one that is not later than the last is the same again and is left out. */
  push({ at, values }: Sample): void {
    if (this.written > 0 && at <= (this.times[(this.written - 1) % this.capacity] ?? 0)) return;
    const slot = this.written % this.capacity;
    this.times[slot] = at;
    for (const column of this.columns.values()) column[slot] = NaN;
    for (const [name, value] of Object.entries(values)) {
      let column = this.columns.get(name);
      if (!column) this.columns.set(name, (column = new Float64Array(this.capacity).fill(NaN)));
      column[slot] = value ?? NaN;
    }
    this.written += 1;
  }

  /** The readings since `since`, oldest first, of the named series. */
  since(since: number, names: readonly string[]): Readings {
    const readings: Readings = { times: [], series: Object.fromEntries(names.map((name) => [name, []])) };
    let before: number | undefined;
    for (let index = this.written - this.size; index < this.written; index++) {
      const slot = index % this.capacity;
      const at = this.times[slot] ?? 0;
      if (at < since) continue;
      if (before !== undefined && at - before > this.gap) this.append(readings, names, (before + at) / 2, undefined);
      this.append(readings, names, at, slot);
      before = at;
    }
    return readings;
  }

  private append({ times, series }: Readings, names: readonly string[], at: number, slot: number | undefined): void {
    times.push(at / 1000);
    for (const name of names) {
      const value = slot === undefined ? NaN : (this.columns.get(name)?.[slot] ?? NaN);
      series[name]?.push(Number.isNaN(value) ? null : value);
    }
  }
}
