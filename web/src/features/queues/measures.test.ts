import { describe, expect, it } from 'vitest';
import { busiest, depthOf, sampleQueues, sampleSources, summarise } from './measures';
import { queue, sourceQueue } from './fixtures';

describe('measures', () => {
  it('counts what has not ended, not what was given up', () => {
    expect(depthOf(queue('lookup', { queued: 5, offered: 2, running: 3, parked: 1, waiting: 4, dead: 9 }).depth)).toBe(15);
  });

  it('reads every queue and every source', () => {
    const sample = sampleQueues([queue('screen', { queued: 2 }), queue('lookup', { parked: 1 })], 1000);
    expect(sample).toMatchObject({ at: 1000, values: { 'depth screen': 2, 'depth lookup': 1, 'done_per_minute lookup': 7, 'oldest_age screen': 12 } });
    expect(sampleSources([sourceQueue('crtsh', { running: 2 })], 1).values['depth crtsh']).toBe(2);
  });

  it('sums a line up, over its gaps', () => {
    expect(summarise([null, 2, null, 6, 1])).toEqual({ last: 1, lowest: 1, highest: 6, mean: 3 });
    expect(summarise([null])).toEqual({ last: null, lowest: null, highest: null, mean: null });
  });

  it('finds the busiest lines', () => {
    expect(busiest({ a: [1, 9, 0], b: [2], c: [null], d: [2] }, 3)).toEqual(['a', 'b', 'd']);
  });
});
