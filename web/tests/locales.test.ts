import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '@/app/locales/en';
import fr from '@/app/locales/fr';
import type { Messages } from '@/app/locales/merge';

function flatten(tree: Messages, prefix = ''): Record<string, string> {
  const flat = Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value]] : Object.entries(flatten(value, `${prefix}${key}.`)),
  );
  return Object.fromEntries(flat);
}

const english = flatten(en);
const french = flatten(fr);
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].toSorted();

describe('locales', () => {
  it('have the same keys', () => expect(Object.keys(french).toSorted()).toEqual(Object.keys(english).toSorted()));

  it.each(Object.keys(english))('%s has the same placeholders', (key) => {
    expect(placeholders(french[key] ?? '')).toEqual(placeholders(english[key] ?? ''));
  });

  it('have every key the code names', () => {
    // The client is not ours, and beside it one may be generated and removed (`.api-…`) while this runs.
    const folders = readdirSync('src').filter((name) => name !== 'api' && !name.startsWith('.'));
    const sources = folders
      .flatMap((folder) => (folder.includes('.') ? [folder] : readdirSync(join('src', folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))))
      .filter((path) => /\.(vue|ts)$/.test(path));
    const named = sources.flatMap((path) =>
      [...readFileSync(join('src', path), 'utf8').matchAll(/\bt\(\s*'([^']+)'|keypath="([^"]+)"/g)].map((match) => match[1] ?? match[2] ?? ''),
    );
    expect(named.filter((key) => !(key in english))).toEqual([]);
  });
});
