import { flushPromises } from '@vue/test-utils';
import { afterEach, expect, it, vi } from 'vitest';
import { mountAt } from '@/mocks/mount-page';
import { notify } from '@/ui/notify';
import App from './App.vue';

let mounted: Awaited<ReturnType<typeof mountAt>>;
const open = async (path: string) => {
  mounted = await mountAt(App, path);
  await flushPromises();
  return mounted;
};
const corner = () => document.querySelector('section[aria-live]');
afterEach(() => mounted.wrapper.unmount());

it('puts the focus at the beginning of another page and tells its title', async () => {
  const { wrapper, router } = await open('/nowhere');
  const link = wrapper.get<HTMLElement>('header a').element;
  link.focus();
  await router.push('/elsewhere');
  await vi.waitFor(() => expect(document.activeElement?.id).toBe('content'));
  expect(wrapper.findAll('[role=status]').map((status) => status.text())).toContain('There is no such page · Indicator Aggregator');
  link.focus();
  await router.push({ query: { a: '1' } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(document.activeElement).toBe(link);
});

it('leaves the focus to a page that has it', async () => {
  const { router } = await open('/nowhere');
  await router.push('/');
  await vi.waitFor(() => expect(document.activeElement?.matches('[data-lookup-box]')).toBe(true));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(document.activeElement?.matches('[data-lookup-box]')).toBe(true);
});

it('brings the corner of messages with the first of them', async () => {
  await open('/nowhere');
  expect(corner()).toBeNull();
  notify.success('It is done');
  await vi.waitFor(() => expect(document.body.textContent).toContain('It is done'));
  expect(corner()).not.toBeNull();
});
