import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Feed, ListFeedsData, ListFeedsResponses, ListProvidersData, ListProvidersResponses } from '@/api';
import { mountAt } from '@/mocks/mount-page';
import { fail, reply } from '@/mocks/reply';
import { server } from '@/mocks/server';
import { speak } from '@/mocks/speak';
import { feed } from './fixtures';
import FeedsPage from './pages/FeedsPage.vue';

let mounted: Awaited<ReturnType<typeof mountAt>>;
const open = async (path = '/feeds') => (mounted = await mountAt(FeedsPage, path)).wrapper;
const sees = (text: string) => vi.waitFor(() => expect(document.body.textContent).toContain(text), { timeout: 5000 });
afterEach(async () => {
  mounted.wrapper.unmount();
  await speak('en');
});

function shows(...feeds: Feed[]): void {
  server.use(
    reply<ListFeedsData, ListFeedsResponses>('get', '/api/v1/feeds', { feeds, next: null }),
    reply<ListProvidersData, ListProvidersResponses>('get', '/api/v1/providers', { providers: [], next: null }),
  );
}

describe('the feeds', () => {
  it('show the last run, why it was rejected, and what is stale', async () => {
    const rejected = { state: 'rejected' as const, reason: 'the list shrank from 28,431 to 3', added: null, entries: null, finished_at: null, removed: null };
    shows(feed('a'), feed('b', { state: 'rejected', last_run: rejected, failing_since: '2026-11-21T03:03:04.567Z' }), feed('c', { state: null, last_run: null, live_since: null, age_seconds: null, entries: null, next_refresh_at: null, interval_seconds: null }));
    const wrapper = await open();
    expect(wrapper.find('[role=status]').exists()).toBe(true);
    for (const text of ['3 feeds, 1 stale', 'Swapped', '28,431', 'Rejected', 'the list shrank from 28,431 to 3', 'Stale: refreshes fail', 'No list yet', 'only imported']) await sees(text);
    expect(document.querySelector('td [lang=en]')?.textContent).toBe(rejected.reason);
  });

  it('name what each is for in the language spoken', async () => {
    shows(feed('a'), feed('b', { role: 'warninglist' }), feed('c', { role: 'of_a_newer_server' }));
    await speak('fr');
    await open();
    for (const text of ['Avis', 'Liste de mise en garde', 'of_a_newer_server']) await sees(text);
  });

  it('open beside the list, by the address too', async () => {
    shows(feed('a'));
    await open('/feeds?feed=a');
    for (const text of ['Unlicense', 'https://lists.example/ipsum.txt', 'Removed']) await sees(text);
    expect(document.querySelector('[role=dialog] a')).toBeNull();
  });

  it('say what to do where there are none, and what went wrong', async () => {
    shows();
    const wrapper = await open();
    await sees('There are no feeds yet');
    wrapper.unmount();
    await open('/feeds?status=disabled');
    await sees('No feed matches');
    mounted.wrapper.unmount();
    server.use(fail<ListFeedsData>('get', '/api/v1/feeds', 'not_found', 404));
    await open();
    await sees('detail of not_found');
  });
});
