import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defang } from './defang';

interface Vector {
  why: string;
  kind?: string;
  value?: string;
}
const vectors = JSON.parse(readFileSync('../openapi/vectors/indicators.json', 'utf8')) as Vector[];
const values = vectors.filter((vector): vector is Required<Vector> => vector.kind !== undefined && vector.value !== undefined);

describe('defang', () => {
  it.each([
    ['ipv4', '192.0.2.1', '192[.]0[.]2[.]1'],
    ['url', 'http://user@a.example/b.c?d=e.f', 'hxxp[://]user@a[.]example/b.c?d=e.f'],
    ['email', 'a.b@example.com', 'a[.]b[@]example[.]com'],
    ['sha1', 'da39a3ee5e6b4b0d3255bfef95601890afd80709', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ] as const)('%s %s', (kind, value, defanged) => expect(defang(value, kind)).toBe(defanged));

  it.each(values.filter(({ kind }) => ['ipv4', 'cidr', 'domain', 'email'].includes(kind)))('leaves no bare dot: $why', ({ kind, value }) => {
    expect(defang(value, kind)).not.toMatch(/(?<!\[)\./);
  });

  it.each(values.filter(({ kind }) => kind === 'url'))('leaves nothing to click: $why', ({ kind, value }) => {
    expect(defang(value, kind)).not.toMatch(/^[a-z]+:\/\//i);
  });
});
