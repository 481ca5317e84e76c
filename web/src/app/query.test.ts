import { useQuery } from '@tanstack/vue-query';
import { HttpResponse, http } from 'msw';
import { expect, it, vi } from 'vitest';
import { defineComponent, h } from 'vue';
import { getStatsOptions } from '@/api/@tanstack/vue-query.gen';
import { mountAt } from '@/mocks/mount-page';
import { server } from '@/mocks/server';

const Page = defineComponent(() => {
  const { error, data } = useQuery(getStatsOptions());
  return () => h('p', data.value ? 'read' : error.value ? 'failed' : 'reading');
});

it('asks again for what failed once the browser is online', async () => {
  server.use(http.get('*/api/v1/stats', () => HttpResponse.error()));
  const { wrapper } = await mountAt(Page, '/nowhere');
  await vi.waitFor(() => expect(wrapper.text()).toBe('failed'));
  window.dispatchEvent(new Event('offline'));
  server.use(http.get('*/api/v1/stats', () => HttpResponse.json({})));
  window.dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(wrapper.text()).toBe('read'));
  wrapper.unmount();
});
