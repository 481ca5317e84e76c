import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  CancelSubmissionData,
  CancelSubmissionResponses,
  GetSubmissionData,
  GetSubmissionFacetsData,
  GetSubmissionFacetsResponses,
  GetSubmissionItemData,
  GetSubmissionItemResponses,
  GetSubmissionResponses,
  ItemDetails,
  ListSubmissionItemsData,
  ListSubmissionItemsResponses,
  ListSubmissionRejectsData,
  ListSubmissionRejectsResponses,
  ListSubmissionsData,
  ListSubmissionsResponses,
  RetryLookupData,
  RetryLookupResponses,
  StreamSubmissionEventsData,
  Submission,
} from '@/api';
import { finding, item, lookup, submission } from '@/mocks/fixtures';
import { inFrench } from '@/mocks/in-french';
import { mountAt } from '@/mocks/mount-page';
import { fail, reply, stream } from '@/mocks/reply';
import { server } from '@/mocks/server';
import SubmissionPage from './pages/SubmissionPage.vue';
import SubmissionsPage from './pages/SubmissionsPage.vue';

let mounted: Awaited<ReturnType<typeof mountAt>>;
const open = async (path: string) => (mounted = await mountAt(path.startsWith('/submissions/') ? SubmissionPage : SubmissionsPage, path)).wrapper;
const sees = (text: string) => vi.waitFor(() => expect(document.body.textContent).toContain(text), { timeout: 5000 });
const listed = (submissions: Submission[], next: string | null = null) => reply<ListSubmissionsData, ListSubmissionsResponses>('get', '/api/v1/submissions', { submissions, next });

/** A submission with its items; each page of the table that is asked for is noted by its query. */
function shows(state: Partial<Submission>, page: (query: URLSearchParams) => ListSubmissionItemsResponses[200]): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  server.use(
    reply<GetSubmissionData, GetSubmissionResponses>('get', '/api/v1/submissions/{id}', submission(state)),
    reply<GetSubmissionFacetsData, GetSubmissionFacetsResponses>('get', '/api/v1/submissions/{id}/facets', { kinds: [] }),
    reply<ListSubmissionItemsData, ListSubmissionItemsResponses>('get', '/api/v1/submissions/{id}/items', ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      return page(query) as never;
    }),
  );
  return asked;
}

const details = (of: Pick<ItemDetails, 'item' | 'findings' | 'lookups'>) =>
  reply<GetSubmissionItemData, GetSubmissionItemResponses>('get', '/api/v1/submissions/{id}/items/{ordinal}', {
    facts: { defanged: 'example[.]com', host: null, registrable_domain: 'example.com', public_suffix: 'com', namespace: 'icann', special_range: null },
    ...of,
  });

beforeEach(() => {
  // happy-dom lays nothing out, and a virtual table shows what fits.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000);
});
afterEach(() => {
  mounted.wrapper.unmount();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the list', () => {
  it('shows each with its verdicts, and more on request', async () => {
    server.use(listed([submission({ id: 17, label: 'mail of Monday' })], 'c1'));
    const wrapper = await open('/submissions');
    await sees('mail of Monday');
    await sees('1 of 1');
    expect(wrapper.get('tbody a').attributes('href')).toBe('/submissions/17');
    server.use(listed([submission({ id: 3 })]));
    await wrapper.findAll('button').find((button) => button.text() === 'Show more')?.trigger('click');
    await sees('Submission 3');
  });

  it('says what to do when there is nothing', async () => {
    server.use(listed([]));
    await open('/submissions');
    await sees('Nothing was sent yet');
  });

  it('takes the state from the address', async () => {
    const states: (string | null)[] = [];
    server.use(
      reply<ListSubmissionsData, ListSubmissionsResponses>('get', '/api/v1/submissions', ({ request }) => {
        states.push(new URL(request.url).searchParams.get('state'));
        return { submissions: [], next: null } as never;
      }),
    );
    await open('/submissions?state=cancelled');
    await sees('No submission is in this state');
    expect(states).toEqual(['cancelled']);
  });

  it('shows what went wrong', async () => {
    server.use(fail<ListSubmissionsData>('get', '/api/v1/submissions', 'internal', 500));
    await open('/submissions');
    await sees('title of internal');
  });
});

describe('one submission', () => {
  it('shows its rows and opens one', async () => {
    shows({ total: 1 }, () => ({ items: [item()], next: null }));
    server.use(details({ item: item(), findings: [finding()], lookups: [lookup({ outcome: 'timeout', reason: 'no answer in 10 s', tries: 3 })] }));
    const wrapper = await open('/submissions/17');
    await sees('example.com');
    const grid = wrapper.get('[role=grid]');
    expect(grid.attributes('aria-rowcount')).toBe('2');
    expect(grid.findAll('[role=row]').at(1)?.attributes('aria-rowindex')).toBe('2');
    await grid.trigger('keydown', { key: 'Enter' });
    await sees('Listed by ThreatFox domains');
    await sees('Timed out');
    await sees('tried 3 times');
  });

  it('begins at the top under another filter', async () => {
    shows({ total: 5000 }, () => ({ items: Array.from({ length: 1000 }, (_, ordinal) => item({ ordinal, value: `n${ordinal}.example` })), next: 'c1' }));
    const wrapper = await open('/submissions/17');
    await sees('n0.example');
    const grid = wrapper.get('[role=grid]').element;
    grid.scrollTop = 9000;
    await mounted.router.push('/submissions/17?verdict=malicious');
    await vi.waitFor(() => expect(grid.scrollTop).toBe(0));
  });

  it('opens a row by a click, and not by the click that ends a selection', async () => {
    shows({ total: 1 }, () => ({ items: [item()], next: null }));
    server.use(details({ item: item(), findings: [], lookups: [] }));
    const wrapper = await open('/submissions/17');
    await sees('example.com');
    const row = wrapper.findAll('[role=row]').at(1);
    document.getSelection()?.selectAllChildren(row?.element as Node);
    await row?.trigger('click');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(mounted.router.currentRoute.value.fullPath).toBe('/submissions/17');
    document.getSelection()?.removeAllRanges();
    await row?.trigger('click');
    await vi.waitFor(() => expect(mounted.router.currentRoute.value.fullPath).toBe('/submissions/17?item=0'));
    await sees('Where it was written');
    document.querySelector<HTMLButtonElement>('[role=dialog] [aria-label=Close]')?.click();
    await vi.waitFor(() => expect(mounted.router.currentRoute.value.fullPath).toBe('/submissions/17'));
  });

  it('opens the item of the address, and asks a source again', async () => {
    shows({ total: 9000 }, () => ({ items: [item()], next: null }));
    server.use(details({ item: item({ ordinal: 4711, value: 'far.example' }), findings: [], lookups: [lookup({ state: 'dead', outcome: 'timeout' })] }));
    await open('/submissions/17?item=4711');
    await sees('far.example');
    await sees('example.com');
    const asked = shows({ total: 9000, verdicts: { ...submission().verdicts, benign: 4 } }, () => ({ items: [item({ value: 'again.example' })], next: null }));
    let retried: string | undefined;
    server.use(
      reply<RetryLookupData, RetryLookupResponses>('post', '/api/v1/lookups/{id}/retry', ({ params }) => {
        retried = params['id'];
        return lookup({ state: 'queued', outcome: null }) as never;
      }),
      details({ item: item({ ordinal: 4711, state: 'looking_up' }), findings: [], lookups: [lookup({ state: 'queued', outcome: null })] }),
    );
    [...document.querySelectorAll<HTMLButtonElement>('[role=dialog] button')].find((button) => button.textContent.includes('Retry'))?.click();
    await sees('Do not wait');
    expect(retried).toBe('12');
    await sees('again.example');
    expect(asked).toHaveLength(1);
  });

  it('says in the reader’s language what was rejected and how many', async () => {
    shows({ total: 1, done: 1, rejected: 1, repeated: 1, cancelled: 1 }, () => ({ items: [item()], next: null }));
    server.use(
      reply<ListSubmissionRejectsData, ListSubmissionRejectsResponses>('get', '/api/v1/submissions/{id}/rejects', {
        rejects: [{ line: 2, raw: 'hello', reason: 'unrecognised', message: 'words of the server' }],
        next: null,
      }),
    );
    await inFrench(async () => {
      const wrapper = await open('/submissions/17');
      await sees('1 sur 1 terminé ');
      await sees('1 répétée');
      await sees('1 annulé');
      expect(wrapper.text()).not.toMatch(/répétées|annulés|terminés/);
      await wrapper.findAll('button').find((button) => button.text() === '1 rejetée')?.trigger('click');
      await sees('Cela ne ressemble à aucun type');
      expect(document.body.textContent).not.toContain('words of the server');
    });
  });

  it('says of an item that waits that it is not judged yet', async () => {
    const waiting = item({ state: 'queued', verdict: null });
    shows({ total: 1 }, () => ({ items: [waiting], next: null }));
    server.use(details({ item: waiting, findings: [], lookups: [] }));
    const wrapper = await open('/submissions/17');
    await sees('example.com');
    await wrapper.get('[role=grid]').trigger('keydown', { key: 'Enter' });
    await sees('It is not judged yet.');
    expect(document.body.textContent).not.toContain('Nobody');
  });

  it('names and filters the kinds that are defined on this installation', async () => {
    shows({ total: 1 }, () => ({ items: [item({ kind: 'custom', custom_kind: 'employee_id' })], next: null }));
    server.use(reply<GetSubmissionFacetsData, GetSubmissionFacetsResponses>('get', '/api/v1/submissions/{id}/facets', { kinds: [{ kind: 'custom', count: 1, verdicts: submission().verdicts }] }));
    const wrapper = await open('/submissions/17?verdict=malicious&kind=employee_id');
    await sees('Custom kind');
    await vi.waitFor(() => expect(wrapper.get('[role=grid]').text()).toContain('employee_id'));
    await sees('1 item');
  });

  it('shows what cannot be read again over what was read', async () => {
    shows({ total: 1 }, () => ({ items: [item()], next: null }));
    await open('/submissions/17');
    await sees('1 of 1 done');
    server.use(fail<GetSubmissionData>('get', '/api/v1/submissions/{id}', 'internal', 500));
    void mounted.queryClient.invalidateQueries();
    await sees('title of internal');
    expect(document.body.textContent).toContain('1 of 1 done');
  });

  it('goes on over empty pages of a filter', async () => {
    const asked = shows({ total: 9000 }, (query) =>
      query.get('cursor') === 'c2' ? { items: [item({ value: 'late.example' })], next: null } : { items: [], next: query.has('cursor') ? 'c2' : 'c1' },
    );
    await open('/submissions/17?verdict=malicious&prefix=late');
    await sees('late.example');
    await sees('1 item');
    expect(asked.map((query) => query.get('cursor'))).toEqual([null, 'c1', 'c2']);
    expect(asked.every((query) => query.get('verdict') === 'malicious' && query.get('prefix') === 'late')).toBe(true);
  });

  it('says that nothing matches, and lifts the filter', async () => {
    shows({ total: 1 }, (query) => ({ items: query.has('verdict') ? [] : [item()], next: null }));
    const wrapper = await open('/submissions/17?verdict=benign');
    await sees('No item matches the filter');
    await wrapper.findAll('button').findLast((button) => button.text() === 'Clear the filter')?.trigger('click');
    await sees('example.com');
    expect(mounted.router.currentRoute.value.query).toEqual({});
  });

  it('downloads what the filter lets through', async () => {
    shows({ total: 1 }, () => ({ items: [item()], next: null }));
    const wrapper = await open('/submissions/17?verdict=malicious');
    await sees('example.com');
    const blobs: Blob[] = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      blobs.push(blob as Blob);
      return 'blob:rows';
    });
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
      names.push(this.download);
    });
    const asked: (string | null)[] = [];
    server.use(
      reply<ListSubmissionItemsData, ListSubmissionItemsResponses>('get', '/api/v1/submissions/{id}/items', ({ request }) => {
        asked.push(request.headers.get('accept'), new URL(request.url).search);
        return item() as never;
      }),
    );
    await wrapper.findAll('button').find((button) => button.text() === 'NDJSON')?.trigger('click');
    await vi.waitFor(() => expect(names).toEqual(['submission-17-malicious.ndjson']));
    expect(asked).toEqual(['application/x-ndjson', '?verdict=malicious']);
    expect(blobs[0]?.type).toBe('application/x-ndjson');
    expect(JSON.parse((await blobs[0]?.text()) ?? '')).toMatchObject({ value: 'example.com' });
  });

  it('follows it to its end', async () => {
    const running = submission({ state: 'running', total: 2000, done: 10, seq: 4, finished_at: null });
    shows(running, () => ({ items: [item({ state: 'queued', verdict: null })], next: null }));
    const afters: (string | null)[] = [];
    server.use(
      stream<StreamSubmissionEventsData>('/api/v1/submissions/{id}/events', (request) => {
        afters.push(new URL(request.url).searchParams.get('after'));
        return [
          { event: 'progress', id: 5, data: { ...running, done: 1500, seq: 5 } },
          { event: 'done', id: 6, data: { ...running, state: 'done', done: 2000, seq: 6 } },
        ];
      }),
    );
    await open('/submissions/17');
    await sees('2,000 of 2,000 done');
    expect(afters).toEqual(['4']);
  });

  it('cancels after it was asked', async () => {
    const running = submission({ label: 'mail of Monday', state: 'running', total: 2000, done: 10, finished_at: null });
    shows(running, () => ({ items: [item()], next: null }));
    let cancelled = 0;
    server.use(
      stream<StreamSubmissionEventsData>('/api/v1/submissions/{id}/events', () => []),
      reply<CancelSubmissionData, CancelSubmissionResponses>('post', '/api/v1/submissions/{id}/cancel', () => {
        cancelled += 1;
        return { ...running, state: 'cancelled' } as never;
      }),
    );
    const wrapper = await open('/submissions/17');
    await sees('10 of 2,000 done');
    expect(document.title).toBe('0% · mail of Monday · Submission 17 · Indicator Aggregator');
    await sees('speed not known yet');
    await sees('time left unknown');
    await wrapper.findAll('button').find((button) => button.text() === 'Cancel the run')?.trigger('click');
    await sees('Cancel this submission?');
    expect(cancelled).toBe(0);
    document.querySelector<HTMLButtonElement>('[role=dialog] button.border-malicious')?.click();
    await vi.waitFor(() => expect(cancelled).toBe(1));
  });

  it('counts on after a cancel until all is counted, and reads the table again once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const cancelled = { state: 'cancelled', total: 9, done: 2, verdicts: submission().verdicts } as const;
    shows({ ...cancelled, cancelled: 3 }, () => ({ items: [item()], next: null }));
    await open('/submissions/17');
    await sees('3 cancelled');
    await sees('example.com');
    const asked = shows({ ...cancelled, cancelled: 5 }, () => ({ items: [item()], next: null }));
    vi.advanceTimersByTime(1000);
    await sees('5 cancelled');
    expect(asked).toHaveLength(0);
    shows({ ...cancelled, cancelled: 7 }, () => {
      asked.push(new URLSearchParams());
      return { items: [item({ value: 'last.example' })], next: null };
    });
    vi.advanceTimersByTime(1000);
    await sees('7 cancelled');
    await sees('last.example');
    vi.advanceTimersByTime(30_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toHaveLength(1);
  });

  it('says that there is none', async () => {
    shows({}, () => ({ items: [], next: null }));
    server.use(fail<GetSubmissionData>('get', '/api/v1/submissions/{id}', 'not_found', 404));
    await open('/submissions/99');
    await sees('title of not_found');
  });
});
