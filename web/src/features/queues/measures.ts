import type { Queue, QueueDepth, SourceQueue } from '@/api';
import type { Sample } from './sample-ring';

/** What a chart can show of a queue. */
export const measures = ['depth', 'done_per_minute', 'in_flight', 'oldest_age'] as const;
export type Measure = (typeof measures)[number];

/** Everything that has not ended: what a queue still has to do. */
export function depthOf({ units }: QueueDepth): number {
  return units.queued + units.offered + units.running + units.parked + units.waiting;
}

/** Name of a series in the ring. */
export function seriesOf(measure: Measure, name: string): string {
  return `${measure} ${name}`;
}

function read(named: readonly { name: string; depth: QueueDepth }[], at: number): Sample {
  const values: Record<string, number | null> = {};
  for (const { name, depth } of named) {
    values[seriesOf('depth', name)] = depthOf(depth);
    values[seriesOf('done_per_minute', name)] = depth.done_per_minute;
    values[seriesOf('in_flight', name)] = depth.in_flight;
    values[seriesOf('oldest_age', name)] = depth.oldest_age_seconds ?? 0;
  }
  return { at, values };
}

/** A reading of all queues. */
export function sampleQueues(queues: readonly Queue[], at: number): Sample {
  return read(queues, at);
}

/** A reading of the queues of sources. */
export function sampleSources(sources: readonly SourceQueue[], at: number): Sample {
  return read(
    sources.map(({ source, depth }) => ({ name: source, depth })),
    at,
  );
}

/** One line of a chart in numbers: the last value, and the lowest, highest and mean within the window. */
export interface Summary {
  last: number | null;
  lowest: number | null;
  highest: number | null;
  mean: number | null;
}

/** What a line says, for those who do not see it. */
export function summarise(values: readonly (number | null)[]): Summary {
  let [count, sum] = [0, 0];
  let [last, lowest, highest]: (number | null)[] = [null, null, null];
  for (const value of values) {
    if (value === null) continue;
    count += 1;
    sum += value;
    last = value;
    lowest = Math.min(lowest ?? value, value);
    highest = Math.max(highest ?? value, value);
  }
  return { last: last ?? null, lowest: lowest ?? null, highest: highest ?? null, mean: count === 0 ? null : sum / count };
}

/** Names with the highest peaks, the busiest first: a chart of all sources would be a tangle. */
export function busiest(series: Readonly<Record<string, readonly (number | null)[]>>, most: number): string[] {
  return Object.entries(series)
    .map(([name, values]) => ({ name, highest: summarise(values).highest ?? 0 }))
    .toSorted((a, b) => b.highest - a.highest || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name);
}
