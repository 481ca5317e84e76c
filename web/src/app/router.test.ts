import { afterEach, expect, it, vi } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { speak } from './i18n';
import { createAppRouter } from './router';

const scrolled = vi.spyOn(window, 'scrollTo');
const settled = () => new Promise((resolve) => setTimeout(resolve));
afterEach(async () => {
  scrolled.mockClear();
  await speak('en');
});

it('begins another page at its top, and leaves one alone whose query or hash changes', async () => {
  const router = createAppRouter(createMemoryHistory());
  await router.push('/queues');
  await router.push('/nowhere');
  await settled();
  expect(scrolled).toHaveBeenCalled();
  scrolled.mockClear();
  await router.replace({ query: { source: 'crtsh' } });
  await router.push({ query: { source: 'rdap' }, hash: '#dead' });
  await settled();
  expect(scrolled).not.toHaveBeenCalled();
});

it('titles the page in the language spoken, and leaves a title that the page has set itself', async () => {
  const router = createAppRouter(createMemoryHistory());
  await router.push('/queues');
  expect(document.title).toBe('Queues · Indicator Aggregator');
  await speak('fr');
  expect(document.title).toBe('Files · Indicator Aggregator');
  document.title = 'example.com';
  await router.replace({ query: { item: '1' } });
  await speak('en');
  expect(document.title).toBe('example.com');
  await router.push('/sources');
  expect(document.title).toBe('Sources · Indicator Aggregator');
});
