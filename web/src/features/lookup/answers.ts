import type { Finding, ItemDetails, Lookup } from '@/api';
import { isOpen } from '@/lib/lookup-state';

/** One source beside the item: what it says, and how asking it went. A local list has no lookup; a source that fails has no finding. */
export interface SourceAnswer {
  source: string;
  name: string;
  finding: Finding | undefined;
  lookup: Lookup | undefined;
}

const weight = { malicious: 0, suspicious: 1, benign: 2, unknown: 3 } as const;

/** All sources of an item: those that still run or failed keep their place beside those that answered. Strongest first. */
export function toAnswers({ findings, lookups }: Pick<ItemDetails, 'findings' | 'lookups'>): SourceAnswer[] {
  const answers = new Map<string, SourceAnswer>();
  for (const finding of findings) {
    answers.set(finding.source, { source: finding.source, name: finding.source_name, finding, lookup: undefined });
  }
  for (const lookup of lookups) {
    const known = answers.get(lookup.source);
    if (known) known.lookup = lookup;
    else answers.set(lookup.source, { source: lookup.source, name: lookup.source_name, finding: undefined, lookup });
  }
  const rank = ({ finding, lookup }: SourceAnswer) => (finding?.outcome === 'found' ? weight[finding.stance] : lookup && isOpen(lookup) ? 4 : 5);
  return [...answers.values()].toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
