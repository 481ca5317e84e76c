import type { Outcome } from '@/api';

/** The words of a union as a list. The record must name all of them: a new word in the document breaks the compilation here. */
function words<Word extends string>(all: Record<Word, true>): readonly Word[] {
  return Object.keys(all) as Word[];
}

/** How a call can end. */
export const outcomes = words<Outcome>({
  found: true,
  not_found: true,
  rate_limited: true,
  unauthorised: true,
  unavailable: true,
  timeout: true,
  malformed: true,
  refused: true,
  user_error: true,
  cancelled: true,
});
