import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMemoryHistory, createRouter, RouterView } from 'vue-router';
import ErrorBoundary from './ErrorBoundary.vue';

const page = (text: string) => ({ render: () => text });
let unmount: () => void;

/** The boundary around two pages; the chunk of the second cannot be loaded while `state.broken`. */
async function open() {
  const state = { broken: true };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page('here') },
      { path: '/there', component: () => (state.broken ? Promise.reject(new Error('no chunk')) : Promise.resolve(page('there'))) },
    ],
  });
  await router.push('/');
  const wrapper = mount(ErrorBoundary, { slots: { default: RouterView }, global: { plugins: [router] } });
  unmount = () => wrapper.unmount();
  await router.push('/there?a=1').catch(() => undefined);
  expect(wrapper.text()).toContain('This page stopped working');
  return { wrapper, router, state };
}

beforeEach(() => vi.stubGlobal('reportError', vi.fn()));
afterEach(() => {
  unmount();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('shows the page that could not be loaded when it is asked for again', async () => {
  const { wrapper, router, state } = await open();
  state.broken = false;
  await router.push('/there?a=1');
  expect(wrapper.text()).toBe('there');
});

it('shows the page again from which one has not come away', async () => {
  const { wrapper, router } = await open();
  await router.push('/');
  expect(wrapper.text()).toBe('here');
});

it('loads the page that was wanted, not the one that was left', async () => {
  const { wrapper } = await open();
  const assign = vi.spyOn(window.location, 'assign').mockImplementation(() => {});
  await wrapper.get('button').trigger('click');
  expect(assign).toHaveBeenCalledWith('/there?a=1');
});
