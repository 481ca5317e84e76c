import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  DeadLetter,
  ListDeadLettersData,
  ListDeadLettersResponses,
  ListQueuesData,
  ListQueuesResponses,
  ListSourceQueuesData,
  ListSourceQueuesResponses,
  ListWorkersData,
  ListWorkersResponses,
  PauseSourceData,
  ReplayDeadLettersData,
  ReplayDeadLettersResponses,
  SourceQueue,
} from '@/api';
import { mountAt } from '@/mocks/mount-page';
import { fail, reply } from '@/mocks/reply';
import { server } from '@/mocks/server';
import { notify } from '@/ui/notify';
import { deadLetter, queue, sourceQueue, worker } from './fixtures';
import QueuesPage from './pages/QueuesPage.vue';

vi.mock('uplot', () => ({ default: class {
  destroy() {}
  setSize() {}
  setData() {}
} }));

let mounted: Awaited<ReturnType<typeof mountAt>>;
const open = async (path = '/queues') => (mounted = await mountAt(QueuesPage, path)).wrapper;
const page = () => (document.body.textContent ?? '').replace(/\s+/g, ' ');
const sees = (text: string) => vi.waitFor(() => expect(page()).toContain(text), { timeout: 5000 });
/** By its words; between them a browser sees the spaces, a text does not. */
const words = (text: string | null) => (text ?? '').replace(/\s+/g, '');
const button = (name: string) => [...document.querySelectorAll('button')].find((one) => words(one.textContent) === words(name));
const press = (name: string) => vi.waitFor(() => {
  const found = button(name);
  if (!found) throw new Error(`no button ${name}`);
  found.click();
});

const as_of = '2026-11-21T02:03:04.567Z';
function shows({ letters = [], sources = [], next = null }: { letters?: DeadLetter[]; sources?: SourceQueue[]; next?: string | null } = {}): void {
  server.use(
    reply<ListQueuesData, ListQueuesResponses>('get', '/api/v1/queues', { as_of, queues: [queue('screen'), queue('lookup', { queued: 1234, parked: 2, dead: 3 })] }),
    reply<ListSourceQueuesData, ListSourceQueuesResponses>('get', '/api/v1/queues/sources', { as_of, sources, next: null }),
    reply<ListWorkersData, ListWorkersResponses>('get', '/api/v1/workers', { workers: [worker(), worker({ name: 'host-2', alive: false })], next: null }),
    reply<ListDeadLettersData, ListDeadLettersResponses>('get', '/api/v1/dead-letters', { dead_letters: letters, next }),
  );
}

const [success, failure] = [vi.spyOn(notify, 'success'), vi.spyOn(notify, 'error')];
beforeEach(() => {
  success.mockClear();
  failure.mockClear();
});
afterEach(() => mounted.wrapper.unmount());

describe('the queues', () => {
  it('load, then show depth, age, rate and workers', async () => {
    shows({ sources: [sourceQueue('crtsh', { running: 1 }, { hold: { reason: 'broken', until: as_of } })] });
    const wrapper = await open();
    expect(wrapper.findAll('[role=status]').length).toBeGreaterThan(0);
    await sees('1,234');
    for (const text of ['12s', 'Broken', '5 per 1m', 'host-1', 'Alive', 'Vanished', 'Nothing was given up']) await sees(text);
    await vi.waitFor(() => expect(wrapper.get('[role=img]').attributes('aria-label')).toContain('lookup: now 1,236, highest 1,236'));
  });

  it('say what failed, each by itself, and try again', async () => {
    shows();
    server.use(fail<ListWorkersData>('get', '/api/v1/workers', 'internal', 500));
    const wrapper = await open();
    await sees('detail of internal');
    await sees('1,234');
    server.use(reply<ListWorkersData, ListWorkersResponses>('get', '/api/v1/workers', { workers: [], next: null }));
    await wrapper.get('[role=alert] button').trigger('click');
    await sees('Nobody works');
  });

  it('pause a source', async () => {
    shows({ sources: [sourceQueue('crtsh')] });
    const asked = vi.fn<() => void>();
    server.use(http.post('*/api/v1/sources/crtsh/pause', () => (asked(), HttpResponse.json({}))));
    await open();
    await press('Pause Name of crtsh');
    await vi.waitFor(() => expect(success).toHaveBeenCalledWith(expect.stringContaining('Name of crtsh is paused')));
    expect(asked).toHaveBeenCalledOnce();
  });

  it('tell why a source could not be paused', async () => {
    shows({ sources: [sourceQueue('crtsh')] });
    server.use(fail<PauseSourceData>('post', '/api/v1/sources/{slug}/pause', 'not_found', 404));
    await open();
    await press('Pause Name of crtsh');
    await vi.waitFor(() => expect(failure).toHaveBeenCalledWith('detail of not_found'));
  });

  it('tell of each of two pauses that overlap', async () => {
    shows({ sources: [sourceQueue('crtsh'), sourceQueue('rdap')] });
    let fails: (() => void) | undefined;
    const failing = new Promise<void>((resolve) => (fails = resolve));
    server.use(
      http.post('*/api/v1/sources/crtsh/pause', async () => (await failing, HttpResponse.json({}, { status: 404 }))),
      http.post('*/api/v1/sources/rdap/pause', () => HttpResponse.json({})),
    );
    await open();
    await press('Pause Name of crtsh');
    await press('Pause Name of rdap');
    await vi.waitFor(() => expect(success).toHaveBeenCalledWith(expect.stringContaining('Name of rdap is paused')));
    expect(button('Pause Name of crtsh')?.disabled).toBe(true);
    await vi.waitFor(() => expect(button('Pause Name of rdap')?.disabled).toBe(false));
    fails?.();
    await vi.waitFor(() => expect(failure).toHaveBeenCalledOnce());
    await vi.waitFor(() => expect(button('Pause Name of crtsh')?.disabled).toBe(false));
  });
});

describe('dead letters', () => {
  it('are replayed one by one, and as many as match', async () => {
    shows({ letters: [deadLetter(1), deadLetter(2, { value: 'b.example.com' })] });
    const asked: string[] = [];
    server.use(
      reply<ReplayDeadLettersData, ReplayDeadLettersResponses>('post', '/api/v1/dead-letters/replay', ({ request }) => {
        asked.push(new URL(request.url).search);
        return { moved: asked.length };
      }),
    );
    await open('/queues?outcome=unavailable');
    await sees('2 dead letters');
    await press('Replay b.example.com crtsh');
    await vi.waitFor(() => expect(success).toHaveBeenCalledWith(expect.stringContaining('1 lookup is queued again')));
    await press('Replay all that match');
    await sees('Replay dead letters?');
    expect(asked).toHaveLength(1);
    expect(words(document.querySelector('[role=dialog]')?.textContent ?? '')).toContain('2deadletters');
    await press('Replay');
    await vi.waitFor(() => expect(success).toHaveBeenCalledWith(expect.stringContaining('2 lookups are queued again')));
    expect(asked).toEqual(['?id=2', '?outcome=unavailable']);
  });

  it('lead to their items, and name a kind of this installation', async () => {
    shows({ letters: [deadLetter(1, { ordinal: 3, kind: 'custom', custom_kind: 'badge-number' }), deadLetter(2, { ordinal: 4711, value: 'b.example.com' })] });
    await open();
    await sees('badge-number');
    const links = [...document.querySelectorAll('#dead tbody a')].map((link) => link.getAttribute('href'));
    expect(links).toEqual(['/lookup/17?item=3', '/submissions/17?value=b.example.com']);
  });

  it('are discarded only after a yes', async () => {
    shows({ letters: [deadLetter(1)], next: 'more', sources: [sourceQueue('crtsh', { dead: 70 })] });
    const asked: string[] = [];
    server.use(http.post('*/api/v1/dead-letters/discard', ({ request }) => (asked.push(new URL(request.url).search), HttpResponse.json({ moved: 70 }))));
    await open();
    await sees('70 dead letters');
    await press('Discard all');
    await sees('Discard dead letters?');
    await press('Keep');
    await vi.waitFor(() => expect(document.querySelector('[role=dialog]')).toBeNull());
    expect(asked).toEqual([]);
    await press('Discard all');
    await press('Discard');
    await vi.waitFor(() => expect(success).toHaveBeenCalledWith(expect.stringContaining('70 dead letters were discarded')));
    expect(asked).toEqual(['']);
  });

  it('that match nothing offer to show all', async () => {
    shows();
    await open('/queues?source=crtsh&outcome=timeout');
    await sees('No dead letter matches');
    await press('Show all');
    await sees('Nothing was given up');
  });
});
