import { HttpResponse, http } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  GetStatsData,
  GetStatsResponses,
  ListLookupsData,
  ListLookupsResponses,
  ListProvidersData,
  ListProvidersResponses,
  ListSourceQueuesData,
  ListSourceQueuesResponses,
  ListSourcesData,
  ListSourcesResponses,
  Outcome,
  Source,
  SourceQueue,
} from '@/api';
import { mountAt } from '@/mocks/mount-page';
import { fail, reply } from '@/mocks/reply';
import { server } from '@/mocks/server';
import SourcesPage from './pages/SourcesPage.vue';

const at = '2026-11-21T02:03:04.567Z';
function source(slug: string, changes: Partial<Source> = {}): Source {
  return {
    slug, name: `Name of ${slug}`, provider: 'sectigo', kind: 'native', state: 'ready', enabled: true, provider_enabled: true, paused: false, concurrency: 2, weight: 100,
    limits: [{ calls: 5, window_seconds: 60 }], kinds: ['domain'], active: false, keyless: true, adapter: null, base_url: null, movable: true, blocked_until: null, broken_until: null, broken_since: null, failures: 0,
    open_lookups: 4, created_at: at, updated_at: at, ...changes,
  };
}

function queueOf(slug: string): SourceQueue {
  const units = { queued: 0, offered: 0, running: 0, parked: 0, waiting: 0, dead: 0 };
  const depth = { units, in_flight: 0, oldest_age_seconds: null, next_due_at: null, done_per_minute: 0 };
  return { source: slug, source_name: slug, concurrency: 2, failures: 0, hold: null, limits: [{ calls: 5, window_seconds: 60, allowed: 3, next_at: null }], depth };
}

const ended = (slug: string, ...all: Outcome[]) => ({ source: slug, source_name: slug, ended: all.length, outcomes: all.map((outcome) => ({ outcome, count: 1 })), cache_hits: 0, without_call: 0, without_call_share: null, with_call: all.length, cache_share: 0, latency: null });

let mounted: Awaited<ReturnType<typeof mountAt>>;
const open = async (path = '/sources') => (mounted = await mountAt(SourcesPage, path)).wrapper;
const sees = (text: string) => vi.waitFor(() => expect(document.body.textContent).toContain(text), { timeout: 5000 });
afterEach(() => mounted.wrapper.unmount());

function shows(...sources: Source[]): string[] {
  const asked: string[] = [];
  server.use(
    reply<ListSourcesData, ListSourcesResponses>('get', '/api/v1/sources', ({ request }) => {
      asked.push(new URL(request.url).search);
      return { sources, next: null };
    }),
    reply<ListSourceQueuesData, ListSourceQueuesResponses>('get', '/api/v1/queues/sources', { as_of: at, sources: [], next: null }),
    reply<ListProvidersData, ListProvidersResponses>('get', '/api/v1/providers', { providers: [], next: null }),
    reply<ListLookupsData, ListLookupsResponses>('get', '/api/v1/lookups', { lookups: [], next: null }),
    reply<GetStatsData, GetStatsResponses>('get', '/api/v1/stats', {
      as_of: at, since: at, lookups_since: at, lookups_whole: true, cache_hits: 6, without_call: 0, with_call: 3, cache_share: 2 / 3, items: 0, done: 0, cancelled: 0, submissions: 0,
      verdicts: { malicious: 0, suspicious: 0, benign: 0, unknown: 0 },
      sources: [{ source: 'crtsh', source_name: 'crt.sh', ended: 3, outcomes: [{ outcome: 'timeout', count: 3 }], cache_hits: 6, without_call: 0, without_call_share: null, with_call: 3, cache_share: 2 / 3, latency: null }],
    }),
  );
  return asked;
}

describe('the sources', () => {
  it('show state, limits and open lookups', async () => {
    shows(source('crtsh'), source('rdap', { state: 'broken', broken_until: at, failures: 6 }));
    const wrapper = await open();
    expect(wrapper.find('[role=status]').exists()).toBe(true);
    for (const text of ['2 sources', 'Name of crtsh', 'Ready', 'Broken', '5 per 1m', 'sectigo / rdap']) await sees(text);
  });

  it('claim no room that nobody told of, and say that it could not be read', async () => {
    shows(source('crtsh'));
    server.use(fail<ListSourceQueuesData>('get', '/api/v1/queues/sources', 'internal', 500));
    const wrapper = await open('/sources?source=crtsh');
    for (const text of ['5 per 1m', 'room not known', 'detail of internal']) await sees(text);
    expect(document.querySelector('[role=dialog]')?.textContent).toContain('5 per 1m');
    expect(document.body.textContent).not.toContain('5 now');
    server.use(reply<ListSourceQueuesData, ListSourceQueuesResponses>('get', '/api/v1/queues/sources', { as_of: at, sources: [queueOf('crtsh')], next: null }));
    await wrapper.get('[role=alert] button').trigger('click');
    await sees('3 now');
  });

  it('tell when each last answered, and of a failure that it is none', async () => {
    shows(source('crtsh'), source('rdap'), source('epss'), source('ipsum', { kind: 'feed' }));
    const finished_at = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const asked: (string | null)[] = [];
    server.use(
      reply<ListSourceQueuesData, ListSourceQueuesResponses>('get', '/api/v1/queues/sources', { as_of: at, sources: ['crtsh', 'rdap', 'epss'].map(queueOf), next: null }),
      http.get('*/api/v1/stats', () => HttpResponse.json({ sources: [ended('crtsh', 'found', 'timeout'), ended('rdap', 'not_found'), ended('epss', 'timeout')] })),
      http.get('*/api/v1/lookups', ({ request }) => {
        const slug = new URL(request.url).searchParams.get('source');
        asked.push(slug);
        const failure = { outcome: 'refused', finished_at: new Date().toISOString() };
        return HttpResponse.json({ lookups: slug === 'crtsh' ? [failure, { outcome: 'not_found', finished_at }] : [failure], next: null });
      }),
    );
    const wrapper = await open();
    await sees('3 hours ago');
    const cells = () => wrapper.findAll('tbody tr').map((row) => row.findAll('td').at(2)?.text());
    await vi.waitFor(() => expect(cells()).toEqual(['3 hours ago', 'not lately', 'not lately', '–']));
    expect(asked.toSorted()).toEqual(['crtsh', 'rdap']);
  });

  it('ask for what the address says', async () => {
    const asked = shows();
    await open('/sources?kind=native&status=disabled&sort=name&search=crt&provider=x&kind2=y');
    await sees('No source matches');
    const query = new URLSearchParams(asked[0]);
    expect(Object.fromEntries(query)).toEqual({ kind: 'native', enabled: 'false', sort: 'name', search: 'crt', provider: 'x', limit: '200' });
  });

  it('open beside the list', async () => {
    shows(source('crtsh', { broken_since: at }));
    const wrapper = await open();
    await sees('Name of crtsh');
    await wrapper.get('td button').trigger('click');
    for (const text of ['Weight of its opinion', 'no call succeeded since', 'Timed out', 'Cache share', '67%', 'It was not asked yet.']) await sees(text);
  });

  it('tell of one that was made as whom and where it is asked', async () => {
    shows(source('mirror', { adapter: 'crtsh', base_url: 'https://crtsh.csirt.example/' }));
    const wrapper = await open();
    await sees('Name of mirror');
    await wrapper.get('td button').trigger('click');
    for (const text of ['Asked as', 'crtsh', 'Asked at', 'https://crtsh.csirt.example/']) await sees(text);
  });

  it('are absent before a worker ran, or an error says why', async () => {
    shows();
    const wrapper = await open();
    await sees('There are no sources yet');
    server.use(fail<ListSourcesData>('get', '/api/v1/sources', 'not_found', 404));
    wrapper.unmount();
    await open();
    await sees('detail of not_found');
  });
});
