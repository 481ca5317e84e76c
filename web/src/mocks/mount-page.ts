import { VueQueryPlugin } from '@tanstack/vue-query';
import { mount } from '@vue/test-utils';
import type { Component } from 'vue';
import { createMemoryHistory } from 'vue-router';
import { createQueryClient } from '@/app/query';
import { createAppRouter } from '@/app/router';

/** Mounts a component as the app would, at an address. */
export async function mountAt(component: Component, path: string, props: Record<string, unknown> = {}) {
  const router = createAppRouter(createMemoryHistory());
  await router.push(path);
  const queryClient = createQueryClient();
  queryClient.setDefaultOptions({ queries: { ...queryClient.getDefaultOptions().queries, retryDelay: 1 } });
  const wrapper = mount(component, { props, attachTo: document.body, global: { plugins: [router, [VueQueryPlugin, { queryClient }]] } });
  return { wrapper, router, queryClient };
}
