import { afterEach, expect, it, vi } from 'vitest';
import { choose, i18n, preferredLanguage, speak } from './i18n';

afterEach(async () => {
  vi.unstubAllGlobals();
  localStorage.clear();
  await speak('en');
});

function shut(): never {
  throw new DOMException('denied', 'SecurityError');
}

it('speaks without a storage, in the language of the browser and in one that is chosen', async () => {
  vi.stubGlobal('localStorage', { getItem: shut, setItem: shut, clear: () => {} });
  vi.stubGlobal('navigator', { languages: ['de-DE', 'fr-CA', 'en'] });
  expect(preferredLanguage()).toBe('fr');
  await choose('fr');
  expect(i18n.global.locale.value).toBe('fr');
  expect(document.documentElement.lang).toBe('fr');
});
