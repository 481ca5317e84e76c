import { afterEach, expect, it, vi } from 'vitest';
import { defineComponent, h, type Ref } from 'vue';
import { mountAt } from '@/mocks/mount-page';
import { useTypedParam } from './route-param';

let typed: Ref<string>;
const Page = defineComponent(() => {
  ({ typed } = useTypedParam('search'));
  return () => h('p', typed.value);
});
let mounted: Awaited<ReturnType<typeof mountAt>>;
const address = () => mounted.router.currentRoute.value.query['search'];
afterEach(() => {
  mounted.wrapper.unmount();
  vi.useRealTimers();
});

it('writes what was typed once typing pauses, and leaves the field to who goes on typing', async () => {
  mounted = await mountAt(Page, '/nowhere?search=a&sort=name');
  vi.useFakeTimers();
  expect(typed.value).toBe('a');
  typed.value = 'ab';
  await vi.advanceTimersByTimeAsync(249);
  expect(address()).toBe('a');
  vi.advanceTimersByTime(1);
  typed.value = 'abc';
  await vi.advanceTimersByTimeAsync(1);
  expect(address()).toBe('ab');
  expect(typed.value).toBe('abc');
  await vi.advanceTimersByTimeAsync(250);
  expect(address()).toBe('abc');
  expect(mounted.router.currentRoute.value.query['sort']).toBe('name');
});

it('follows an address that changes elsewhere, to and fro', async () => {
  mounted = await mountAt(Page, '/nowhere?search=a');
  vi.useFakeTimers();
  for (const search of ['b', undefined, 'b', 'a']) {
    await mounted.router.push({ query: { search } });
    await vi.advanceTimersByTimeAsync(1);
    expect(typed.value).toBe(search ?? '');
    await vi.advanceTimersByTimeAsync(1000);
    expect(address()).toBe(search);
  }
});
