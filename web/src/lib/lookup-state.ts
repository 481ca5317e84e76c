import type { Lookup, Outcome } from '@/api';

/** True while it has not ended. */
export function isOpen(lookup: Lookup): boolean {
  return !['done', 'dead', 'cancelled'].includes(lookup.state);
}

/** True where the API takes a retry: it was given up, or waits for its next try. */
export function isRetryable(lookup: Lookup): boolean {
  return lookup.state === 'dead' || lookup.state === 'parked';
}

/** True where a source gave no answer: that says nothing about the indicator, and must not look as if it did. */
export function isFailure(outcome: Outcome): boolean {
  return outcome !== 'found' && outcome !== 'not_found';
}
