import { describe, expect, it } from 'vitest';
import { feed } from './fixtures';
import { staleness } from './health';

const now = Date.parse('2026-11-21T12:00:00Z');

describe('staleness', () => {
  it('finds nothing wrong with a list that is refreshed in time', () => expect(staleness(feed('a', { next_refresh_at: '2026-11-21T11:30:00Z' }), now)).toBeUndefined());

  it('finds a refresh that is long overdue', () => expect(staleness(feed('a', { next_refresh_at: '2026-11-21T10:30:00Z' }), now)).toBe('overdue'));

  it('finds a list that fails, however new it is, and none that was long the same', () => {
    expect(staleness(feed('a', { failing_since: '2026-11-21T11:00:00Z', age_seconds: 60 }), now)).toBe('failing');
    expect(staleness(feed('a', { age_seconds: 9e6 }), now)).toBeUndefined();
  });

  it('asks nothing of a list that is only imported, or switched off', () => {
    expect(staleness(feed('a', { next_refresh_at: null, interval_seconds: null, age_seconds: 9e9 }), now)).toBeUndefined();
    expect(staleness(feed('a', { next_refresh_at: '2026-01-01T00:00:00Z', enabled: false }), now)).toBeUndefined();
  });
});
