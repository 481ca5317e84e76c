/** Rate and time left, from what was told within a sliding window. */
export class RateMeter {
  private points: { at: number; done: number }[] = [];

  /** `window` is how far back it looks, in milliseconds; `least` how much of it must be known before it says anything. */
  constructor(
    private readonly window = 20_000,
    private readonly least = 1_000,
  ) {}

  /** Notes that `done` were done at `at` (milliseconds). A count that went back starts afresh. */
  add(at: number, done: number): void {
    const last = this.points.at(-1);
    if (last && done < last.done) this.points = [];
    if (last && last.at === at) this.points.pop();
    this.points.push({ at, done });
    this.forget(at);
  }

  /** Units a second as seen from `now`; undefined while too little is known. Silence counts: a rate falls while nothing comes. */
  rate(now: number): number | undefined {
    this.forget(now);
    const [first, last] = [this.points[0], this.points.at(-1)];
    if (!first || !last || now - first.at < this.least || (last.at === first.at && now - first.at <= this.window)) return undefined;
    // Between two points the rate is theirs; once nothing came for longer than a gap between them, time itself counts.
    const gap = (last.at - first.at) / Math.max(1, this.points.length - 1);
    const until = now - last.at > 2 * gap ? now : last.at;
    return until > first.at ? ((last.done - first.done) * 1000) / (until - first.at) : undefined;
  }

  /** Seconds until `remaining` more are done; undefined when it cannot be told: too little known, or nothing moves. */
  secondsLeft(now: number, remaining: number): number | undefined {
    if (remaining <= 0) return 0;
    const rate = this.rate(now);
    return rate === undefined || rate <= 0 ? undefined : remaining / rate;
  }

  /** Forgets everything. */
  clear(): void {
    this.points = [];
  }

  private forget(now: number): void {
    const edge = now - this.window;
    // The last point before the window stays: it is where the window begins.
    while (this.points.length > 1 && (this.points[1]?.at ?? now) <= edge) this.points.shift();
  }
}
