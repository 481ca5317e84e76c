import { describe, expect, it } from 'vitest';
import { formatDuration, formatRelative } from './format';

const now = Date.parse('2026-11-21T12:00:00Z');

describe('formatRelative', () => {
  it.each([
    [0, 'now'],
    [-3000, '3 seconds ago'],
    [-60_000, '1 minute ago'],
    [-3_600_000, '1 hour ago'],
    [-86_400_000, 'yesterday'],
    [7_200_000, 'in 2 hours'],
    [-400 * 86_400_000, 'last year'],
  ])('%i ms', (offset, words) => expect(formatRelative(now + offset, now, 'en')).toBe(words));

  it('speaks French', () => expect(formatRelative(now - 60_000, now, 'fr')).toBe('il y a 1 minute'));
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [59.4, '59s'],
    [3900, '1h 5m'],
    [3600, '1h'],
    [90_061, '1d 1h'],
  ])('%d s', (seconds, words) => expect(formatDuration(seconds, 'en')).toBe(words));
});
