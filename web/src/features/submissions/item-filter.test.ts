import { describe, expect, it } from 'vitest';
import { fromUrl, isOpen, toApi, toUrl, type ItemFilter } from './item-filter';

describe('the filter and the address', () => {
  it.each<[ItemFilter, Record<string, string>]>([
    [{}, {}],
    [{ verdict: 'malicious', kind: 'domain', state: 'done' }, { verdict: 'malicious', kind: 'domain', state: 'done' }],
    [{ text: { match: 'domain', value: 'evil.example' } }, { domain: 'evil.example' }],
    [{ text: { match: 'prefix', value: '192.0.' }, kind: 'ipv4' }, { prefix: '192.0.', kind: 'ipv4' }],
  ])('%o there and back', (filter, query) => {
    expect(toUrl(filter)).toEqual(query);
    expect(fromUrl(query)).toEqual(filter);
  });

  it('leaves out what it does not know', () => {
    expect(fromUrl({ verdict: 'evil', kind: 'No kind', state: null, value: '  ', other: 'x' })).toEqual({});
  });

  it('takes one text', () => {
    expect(fromUrl({ prefix: 'a', value: 'b' })).toEqual({ text: { match: 'value', value: 'b' } });
  });

  it('is open when nothing is asked', () => {
    expect(isOpen({})).toBe(true);
    expect(isOpen({ text: { match: 'value', value: 'x' } })).toBe(false);
    expect(toApi({ text: { match: 'value', value: 'x' } })).toEqual({ value: 'x' });
  });
});
