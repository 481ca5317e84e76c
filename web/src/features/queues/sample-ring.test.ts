import { describe, expect, it } from 'vitest';
import { SampleRing } from './sample-ring';

describe('SampleRing', () => {
  it('gives readings back oldest first, in seconds', () => {
    const ring = new SampleRing(10, 60_000);
    ring.push({ at: 1000, values: { a: 1, b: null } });
    ring.push({ at: 2000, values: { a: 2, b: 5 } });
    expect(ring.since(0, ['a', 'b'])).toEqual({ times: [1, 2], series: { a: [1, 2], b: [null, 5] } });
  });

  it('forgets the oldest when it is full', () => {
    const ring = new SampleRing(3, 60_000);
    for (let at = 1; at <= 5; at++) ring.push({ at: at * 1000, values: { a: at } });
    expect(ring.size).toBe(3);
    expect(ring.since(0, ['a'])).toEqual({ times: [3, 4, 5], series: { a: [3, 4, 5] } });
  });

  it('has nothing where a series was not read', () => {
    const ring = new SampleRing(3, 60_000);
    for (let at = 1; at <= 3; at++) ring.push({ at, values: { old: at } });
    ring.push({ at: 4, values: { fresh: 9 } });
    expect(ring.since(0, ['old', 'fresh', 'never']).series).toEqual({ old: [2, 3, null], fresh: [null, null, 9], never: [null, null, null] });
  });

  it('leaves out what is the same reading again, and what is before the window', () => {
    const ring = new SampleRing(5, 60_000);
    for (const at of [1000, 1000, 900, 2000, 3000]) ring.push({ at, values: { a: at } });
    expect(ring.since(2000, ['a']).series).toEqual({ a: [2000, 3000] });
  });

  it('cuts the line where no reading was taken for long', () => {
    const ring = new SampleRing(5, 10_000);
    ring.push({ at: 0, values: { a: 1 } });
    ring.push({ at: 60_000, values: { a: 2 } });
    expect(ring.since(0, ['a'])).toEqual({ times: [0, 30, 60], series: { a: [1, null, 2] } });
  });
});
