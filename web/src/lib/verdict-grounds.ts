import type { Finding, Item, Lookup } from '@/api';

/** What the sources say of an item now. */
export interface Answers {
  findings: readonly Finding[];
  lookups: readonly Lookup[];
}

/** Why no reason stands there. `nobody` knows it, some know it `unjudged`, or some judge it `uncounted`: later, or without weight. */
export interface Silence {
  word: 'nobody' | 'unjudged' | 'uncounted';
  /** Sources this is said of; 0 where nobody knows it. */
  count: number;
  /** Sources that were asked in vain. */
  failures: number;
}

/** Why an unknown verdict is unknown. A source that knows an indicator and takes no side gives the verdict no reason. */
export function silenceOf({ verdict }: Pick<Item, 'verdict'>, { findings, lookups }: Answers): Silence {
  const reasons = verdict?.reasons ?? [];
  const failures = reasons.filter(({ failed }) => failed).length;
  const found = findings.filter(({ outcome }) => outcome === 'found');
  const judging = found.filter(({ stance }) => stance !== 'unknown').length;
  if (judging > 0) return { word: 'uncounted', count: judging, failures };
  const knowing = new Set([...found, ...lookups.filter(({ outcome }) => outcome === 'found')].map(({ source }) => source)).size;
  return { word: knowing > 0 ? 'unjudged' : 'nobody', count: knowing, failures };
}
