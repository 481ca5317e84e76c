import { describe, expect, it } from 'vitest';
import { finding, item, lookup } from '@/mocks/fixtures';
import { toAnswers } from './answers';
import { merge } from './lookup.queries';

describe('toAnswers', () => {
  it('keeps a place for each source that was asked, strongest answer first', () => {
    const answers = toAnswers({
      findings: [finding({ source: 'rdap', source_name: 'RDAP', stance: 'unknown' }), finding()],
      lookups: [lookup(), lookup({ id: 13, source: 'crtsh', source_name: 'crt.sh', state: 'dead', outcome: 'unavailable' }), lookup({ id: 14, source: 'dns', source_name: 'DNS', state: 'running', outcome: null })],
    });
    expect(answers.map(({ source }) => source)).toEqual(['threatfox-domains', 'rdap', 'dns', 'crtsh']);
    expect(answers[1]?.lookup?.id).toBe(12);
    expect(answers[3]?.finding).toBeUndefined();
  });
});

describe('merge', () => {
  it('takes the item of the later commit and keeps the order', () => {
    const merged = merge([item({ ordinal: 0, seq: 5 }), item({ ordinal: 2, seq: 1 })], [item({ ordinal: 1, seq: 2 }), item({ ordinal: 0, seq: 4 }), item({ ordinal: 2, seq: 3 })]);
    expect(merged.map(({ ordinal, seq }) => [ordinal, seq])).toEqual([
      [0, 5],
      [1, 2],
      [2, 3],
    ]);
  });
});
