import { describe, expect, it } from 'vitest';
import { RateMeter } from './rate';

describe('RateMeter', () => {
  it('knows nothing at first, and after one point', () => {
    const meter = new RateMeter();
    expect(meter.rate(0)).toBeUndefined();
    meter.add(0, 0);
    expect(meter.rate(500)).toBeUndefined();
    expect(meter.rate(5000)).toBeUndefined();
    expect(meter.secondsLeft(500, 10)).toBeUndefined();
  });

  it('is the slope over the window', () => {
    const meter = new RateMeter(10_000);
    for (let second = 0; second <= 30; second += 1) meter.add(second * 1000, second < 10 ? second * 5 : 50 + (second - 10) * 100);
    expect(meter.rate(30_000)).toBeCloseTo(100);
    expect(meter.secondsLeft(30_000, 1000)).toBeCloseTo(10);
  });

  it('falls while nothing comes, and then promises no end', () => {
    const meter = new RateMeter(10_000);
    meter.add(0, 0);
    meter.add(1000, 100);
    expect(meter.rate(1500)).toBeCloseTo(100);
    expect(meter.rate(5000)).toBeCloseTo(20);
    meter.add(30_000, 100);
    expect(meter.rate(45_000)).toBe(0);
    expect(meter.secondsLeft(45_000, 10)).toBeUndefined();
  });

  it('starts afresh when a count goes back', () => {
    const meter = new RateMeter();
    meter.add(0, 500);
    meter.add(2000, 100);
    expect(meter.rate(2000)).toBeUndefined();
    meter.add(4000, 300);
    expect(meter.rate(4000)).toBeCloseTo(100);
  });

  it('has no time left when nothing remains', () => expect(new RateMeter().secondsLeft(0, 0)).toBe(0));
});
