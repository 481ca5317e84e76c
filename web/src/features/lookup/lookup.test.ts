import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  GetSubmissionData,
  GetSubmissionItemData,
  GetSubmissionItemResponses,
  GetSubmissionResponses,
  Item,
  ListSubmissionItemsData,
  ListSubmissionItemsResponses,
  RetryLookupData,
  RetryLookupResponses,
  StreamSubmissionEventsData,
} from '@/api';
import { finding, item, lookup, submission } from '@/mocks/fixtures';
import { gate } from '@/mocks/gate';
import { fail, reply, stream, unreachable } from '@/mocks/reply';
import { server } from '@/mocks/server';
import { facts, openAt, sees, shows } from './fixtures';

let mounted: Awaited<ReturnType<typeof openAt>>;
const open = async (path: string) => (mounted = await openAt(path)).wrapper;
const unjudged = item({ verdict: { stance: 'unknown', confidence: 0, reasons: [] } });

beforeEach(() => localStorage.clear());
afterEach(() => {
  mounted.wrapper.unmount();
  vi.useRealTimers();
});

describe('the result', () => {
  it('of one indicator shows its verdict, the reasons and each source', async () => {
    shows({}, [item()], [finding()], [lookup({ source: 'crtsh', source_name: 'crt.sh', state: 'dead', outcome: 'timeout', reason: 'too slow' })]);
    await open('/lookup/17');
    await sees('Listed by ThreatFox');
    await sees('Timed out');
    await sees('This says nothing about the indicator');
    await sees('written as example[.]com');
    // The server's words are English in every language: a screen reader is told.
    const english = [...document.querySelectorAll('article [lang=en]')].map((element) => element.textContent);
    expect(english).toEqual(['Listed by ThreatFox', 'Listed by ThreatFox domains', 'too slow']);
  });

  it('comes in by the stream while it runs', async () => {
    const waiting = item({ state: 'looking_up', verdict: null, seq: 1 });
    shows({ state: 'running', seq: 1, done: 0 }, [waiting]);
    server.use(
      stream<StreamSubmissionEventsData>('/api/v1/submissions/{id}/events', (request) => {
        expect(new URL(request.url).searchParams.get('after')).toBe('1');
        shows({}, [item()], [finding()]);
        return [
          { event: 'item', id: 2, data: item() },
          { event: 'done', id: 2, data: submission() },
        ];
      }),
    );
    await open('/lookup/17');
    await sees('1 indicator, done');
    await sees('Malicious');
    await sees('Listed by ThreatFox domains');
  });

  it('counts what is done while single items come in', async () => {
    const items = [0, 1, 2].map((ordinal) => item({ ordinal, state: 'looking_up', verdict: null, seq: 1 }));
    shows({ state: 'running', seq: 1, done: 0, total: 3 }, items);
    server.use(
      stream<StreamSubmissionEventsData>('/api/v1/submissions/{id}/events', () => {
        server.use(reply<GetSubmissionData, GetSubmissionResponses>('get', '/api/v1/submissions/{id}', submission({ state: 'running', seq: 3, done: 2, total: 3 })));
        return [
          { event: 'item', id: 2, data: item({ seq: 2 }) },
          { event: 'item', id: 3, data: item({ ordinal: 1, seq: 3 }) },
        ];
      }),
    );
    await open('/lookup/17');
    await vi.waitFor(() => expect(document.title).toMatch(/^66% /));
  });

  it('counts on after a cancel until all is counted, and lists the items again', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    shows({ state: 'cancelled', done: 1, cancelled: 1, total: 3 }, [item(), item({ ordinal: 1, value: 'other.example' })]);
    await open('/lookup/17');
    await sees('other.example');
    shows({ state: 'cancelled', done: 1, cancelled: 2, total: 3 }, [item(), item({ ordinal: 1, value: 'cancelled.example' })]);
    vi.advanceTimersByTime(1000);
    await sees('cancelled.example');
    server.use(fail<GetSubmissionData>('get', '/api/v1/submissions/{id}', 'internal', 500));
    vi.advanceTimersByTime(30_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(document.body.textContent).not.toContain('title of internal');
  });

  it('titles the page', async () => {
    shows({ state: 'running', total: 4, done: 1 }, [item(), item({ ordinal: 1, value: 'other.example' })]);
    server.use(stream<StreamSubmissionEventsData>('/api/v1/submissions/{id}/events', () => []));
    await open('/lookup/17');
    await vi.waitFor(() => expect(document.title).toBe('25% · example.com and 3 more · Indicator Aggregator'));
    await mounted.router.replace('/lookup/17?item=1');
    await vi.waitFor(() => expect(document.title).toBe('25% · example.com and 3 more · Indicator Aggregator'));
    shows({ id: 18 }, [item()]);
    await mounted.router.push('/lookup/18');
    await vi.waitFor(() => expect(document.title).toBe('example.com · Indicator Aggregator'));
    await mounted.router.push('/');
    expect(document.title).toBe('Look up · Indicator Aggregator');
  });

  it('of many shows a list, and the chosen one beside it', async () => {
    shows({ total: 2, done: 2 }, [item(), item({ ordinal: 1, value: 'other.example', contexts: [] })]);
    const wrapper = await open('/lookup/17');
    await sees('other.example');
    expect(wrapper.get('h2').text()).toBe('example.com');
    await wrapper.findAll('ul button')[1]?.trigger('click');
    await vi.waitFor(() => expect(wrapper.get('h2').text()).toBe('other.example'));
    expect(mounted.router.currentRoute.value.query['item']).toBe('1');
  });

  it('of a source that knows it and takes no side says so', async () => {
    shows({}, [unjudged], [finding({ source: 'rdap', source_name: 'RDAP', stance: 'unknown', summary: 'Registered in 1995' })], [lookup()]);
    await open('/lookup/17');
    await sees('1 source knows it and does not judge it. That is not the same as harmless.');
    expect(document.body.textContent).not.toContain('Nobody');
  });

  it('says nothing of who knows it before the sources are read', async () => {
    shows({}, [unjudged], [finding({ stance: 'unknown' })]);
    server.use(fail<GetSubmissionItemData>('get', '/api/v1/submissions/{id}/items/{ordinal}', 'internal', 500));
    await open('/lookup/17');
    await sees('title of internal');
    expect(document.body.textContent).not.toContain('Nobody');
  });

  it.each([
    ['local', 'None of the lists on this machine has it. A playbook'],
    ['keyless', 'playbook “Everything that needs no key” had nobody else to ask'],
  ])('names whom playbook %s asked where nobody says anything', async (playbook, words) => {
    shows({ playbook }, [unjudged]);
    await open('/lookup/17');
    await sees('Nobody who was asked knows it.');
    await sees(words);
  });

  it('names the kind that is defined on this installation', async () => {
    shows({ total: 2, done: 2 }, [item({ kind: 'custom', custom_kind: 'employee_id', value: 'E-1' }), item({ ordinal: 1 })]);
    const wrapper = await open('/lookup/17');
    await sees('E-1');
    expect(wrapper.get('article').text()).toContain('employee_id');
    expect(wrapper.get('ul button').text()).toContain('employee_id');
  });

  it('shows that its items cannot be read, and reads them again', async () => {
    shows({}, [item()]);
    server.use(fail<ListSubmissionItemsData>('get', '/api/v1/submissions/{id}/items', 'internal', 500));
    const wrapper = await open('/lookup/17');
    await sees('title of internal');
    shows({}, [item()]);
    await wrapper.findAll('button').find((button) => button.text() === 'Try again')?.trigger('click');
    await sees('Listed by ThreatFox');
    expect(document.body.textContent).not.toContain('title of internal');
  });

  it('shows the sources of the last answer, however late an older one comes', async () => {
    const waiting = item({ state: 'looking_up', verdict: null, seq: 1 });
    shows({ state: 'running', seq: 1, done: 0 }, [waiting]);
    let reads = 0;
    const read = gate();
    server.use(
      reply<GetSubmissionItemData, GetSubmissionItemResponses>('get', '/api/v1/submissions/{id}/items/{ordinal}', async () => {
        reads += 1;
        if (reads > 1) return { item: item(), facts, findings: [finding()], lookups: [] } as never;
        read.open();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { item: waiting, facts, findings: [], lookups: [] } as never;
      }),
      stream<StreamSubmissionEventsData>('/api/v1/submissions/{id}/events', async () => {
        await read.opened;
        server.use(reply<ListSubmissionItemsData, ListSubmissionItemsResponses>('get', '/api/v1/submissions/{id}/items', { items: [item()], next: null }));
        return [
          { event: 'item', id: 2, data: item() },
          { event: 'done', id: 2, data: submission() },
        ];
      }),
    );
    await open('/lookup/17');
    await sees('1 indicator, done');
    await sees('Listed by ThreatFox domains');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(document.body.textContent).toContain('Listed by ThreatFox domains');
    expect(reads).toBe(2);
  });

  it('looks how its sources do while they are asked, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let reads = 0;
    const waiting = item({ state: 'looking_up', verdict: null, seq: 1 });
    const read = (of: Item) =>
      reply<GetSubmissionItemData, GetSubmissionItemResponses>('get', '/api/v1/submissions/{id}/items/{ordinal}', () => {
        reads += 1;
        return { item: of, facts, findings: [], lookups: [] } as never;
      });
    const end = gate();
    shows({ state: 'running', seq: 1, done: 0 }, [waiting]);
    server.use(
      read(waiting),
      stream<StreamSubmissionEventsData>('/api/v1/submissions/{id}/events', async () => {
        await end.opened;
        return [{ event: 'done', id: 2, data: submission() }];
      }),
    );
    await open('/lookup/17');
    await vi.waitFor(() => expect(reads).toBe(1));
    vi.advanceTimersByTime(3000);
    await vi.waitFor(() => expect(reads).toBe(2));
    shows({}, [item()]);
    server.use(read(item()));
    end.open();
    await sees('1 indicator, done');
    await vi.waitFor(() => expect(reads).toBe(3));
    vi.advanceTimersByTime(30_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reads).toBe(3);
  });

  it('asks a source again', async () => {
    shows({}, [item()], [], [lookup({ state: 'dead', outcome: 'timeout' })]);
    let retried: string | undefined;
    server.use(
      reply<RetryLookupData, RetryLookupResponses>('post', '/api/v1/lookups/{id}/retry', ({ params }) => {
        retried = params['id'];
        return lookup({ state: 'queued' }) as never;
      }),
    );
    const wrapper = await open('/lookup/17');
    await sees('Timed out');
    await wrapper.findAll('button').find((button) => button.text().includes('Retry'))?.trigger('click');
    await vi.waitFor(() => expect(retried).toBe('12'));
  });

  it('says when a retry is refused', async () => {
    shows({}, [item()], [], [lookup({ state: 'dead', outcome: 'timeout' })]);
    server.use(fail<RetryLookupData>('post', '/api/v1/lookups/{id}/retry', 'state_conflict', 409));
    const wrapper = await open('/lookup/17');
    await sees('Timed out');
    await wrapper.findAll('button').find((button) => button.text().includes('Retry'))?.trigger('click');
    await sees('next step of state_conflict');
  });

  it('says when there is none', async () => {
    server.use(fail<GetSubmissionData>('get', '/api/v1/submissions/{id}', 'not_found', 404));
    await open('/lookup/17');
    await sees('next step of not_found');
  });

  it('says when the server cannot be reached', async () => {
    server.use(unreachable<GetSubmissionData>('get', '/api/v1/submissions/{id}'));
    await open('/lookup/17');
    await sees('The server cannot be reached');
  });
});
