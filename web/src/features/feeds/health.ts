import type { Feed } from '@/api';

/** How long a refresh may be late before something is wrong: the same as `aggregator doctor` allows. */
const OVERDUE_MS = 3_600_000;

/** Why a list is older than it should be; none where it is not. */
export type Staleness = 'overdue' | 'failing' | undefined;

/**
 * A list is stale when its refresh is long overdue (nobody works), or while no answer is taken: however new it is, it grows old. One
 * that is only imported has no schedule to miss, one that is switched off is not matched.
 */
export function staleness(feed: Feed, now: number): Staleness {
  if (!feed.enabled || !feed.provider_enabled) return undefined;
  if (feed.next_refresh_at && Date.parse(feed.next_refresh_at) + OVERDUE_MS < now) return 'overdue';
  return feed.failing_since ? 'failing' : undefined;
}
