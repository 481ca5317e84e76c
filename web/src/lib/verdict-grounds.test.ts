import { expect, it } from 'vitest';
import { finding, item, lookup } from '@/mocks/fixtures';
import { silenceOf } from './verdict-grounds';

const unknown = item({ verdict: { stance: 'unknown', confidence: 0, reasons: [] } });

it.each([
  ['nobody was asked', [], [], 'nobody', 0],
  ['asked, and nobody knows it', [finding({ outcome: 'not_found', stance: 'unknown' })], [lookup({ outcome: 'not_found' })], 'nobody', 0],
  ['one source, by its finding and its lookup', [finding({ source: 'rdap', stance: 'unknown' })], [lookup({ source: 'rdap' })], 'unjudged', 1],
  ['a lookup without a finding', [], [lookup()], 'unjudged', 1],
  ['a source that judges it by now', [finding()], [lookup()], 'uncounted', 1],
] as const)('%s', (_, findings, lookups, word, count) => {
  expect(silenceOf(unknown, { findings, lookups })).toEqual({ word, count, failures: 0 });
});

it('counts who was asked in vain', () => {
  const reason = { source: 'crtsh', stance: 'unknown', confidence: 0, text: 'crt.sh did not answer', caps: false, failed: 'timeout' } as const;
  expect(silenceOf(item({ verdict: { stance: 'unknown', confidence: 0, reasons: [reason] } }), { findings: [], lookups: [] }).failures).toBe(1);
});
