import { describe, expect, it } from 'vitest';
import { fieldOf, looksLikeHeader, parseRows } from './cells';

describe('parseRows', () => {
  it('reads cells, quoted ones too', () => {
    expect(parseRows('a,b\r\n"x, ""y""\nz",2\n\n3', ',', 10)).toEqual([['a', 'b'], ['x, "y"\nz', '2'], ['3']]);
  });
  it('reads tabs', () => expect(parseRows('domain\ta.example\n', '\t', 10)).toEqual([['domain', 'a.example']]));
  it('stops', () => expect(parseRows('1\n2\n3\n', ',', 2)).toEqual([['1'], ['2']]));
});

it.each([
  ['{"value":"8.8.8.8"}', '', '8.8.8.8'],
  ['{"ip":"8.8.8.8"}', 'ip', '8.8.8.8'],
  ['{"ip":"8.8.8.8"}', '', ''],
  ['"8.8.8.8"', '', '8.8.8.8'],
  ['no json', '', ''],
])('the value of %s', (line, field, value) => expect(fieldOf(line, field)).toBe(value));

it.each([
  ['IP address', true],
  ['8.8.8.8', false],
])('%s as a header', (cell, is) => expect(looksLikeHeader(cell)).toBe(is));
