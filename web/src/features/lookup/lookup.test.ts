import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  CreateSubmissionData,
  CreateSubmissionResponses,
  DetectValueData,
  DetectValueResponses,
  ExtractIndicatorsData,
  ExtractIndicatorsResponses,
  GetSubmissionData,
  GetSubmissionItemData,
  GetSubmissionItemResponses,
  GetSubmissionResponses,
  Item,
  ListSubmissionItemsData,
  ListSubmissionItemsResponses,
  Lookup,
  Finding,
  RetryLookupData,
  RetryLookupResponses,
  StreamSubmissionEventsData,
} from '@/api';
import { finding, item, lookup, submission } from '@/mocks/fixtures';
import { gate } from '@/mocks/gate';
import { mountAt } from '@/mocks/mount-page';
import { fail, reply, stream, unreachable } from '@/mocks/reply';
import { server } from '@/mocks/server';
import LookupPage from './pages/LookupPage.vue';

let mounted: Awaited<ReturnType<typeof mountAt>>;
const open = async (path: string) => (mounted = await mountAt(LookupPage, path)).wrapper;
const sees = (text: string) => vi.waitFor(() => expect(document.body.textContent).toContain(text), { timeout: 5000 });

function extracts(...found: { raw: string; kind: 'ipv4' | 'url'; value: string }[]): void {
  server.use(
    reply<ExtractIndicatorsData, ExtractIndicatorsResponses>('post', '/api/v1/extract', {
      counts: [],
      indicators: found.map(({ raw, kind, value }, index) => ({ raw, start: index, end: index + 1, indicator: { id: value, kind, value } })),
    }),
  );
}

const facts = { defanged: 'example[.]com', host: null, registrable_domain: 'example.com', public_suffix: 'com', namespace: 'icann', special_range: null } as const;
const unjudged = item({ verdict: { stance: 'unknown', confidence: 0, reasons: [] } });

function shows(state: Partial<Parameters<typeof submission>[0]>, items: Item[], findings: Finding[] = [], lookups: Lookup[] = []): void {
  server.use(
    reply<GetSubmissionData, GetSubmissionResponses>('get', '/api/v1/submissions/{id}', submission(state)),
    reply<ListSubmissionItemsData, ListSubmissionItemsResponses>('get', '/api/v1/submissions/{id}/items', { items, next: null }),
    reply<GetSubmissionItemData, GetSubmissionItemResponses>('get', '/api/v1/submissions/{id}/items/{ordinal}', ({ params }) => ({
      item: items[Number(params['ordinal'])] ?? item(),
      facts,
      findings,
      lookups,
    })),
  );
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  mounted.wrapper.unmount();
  vi.useRealTimers();
});

describe('the box', () => {
  it('shows what is recognised, and how a defanged form is read', async () => {
    extracts({ raw: 'hxxp://example[.]com', kind: 'url', value: 'http://example.com/' }, { raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' }, { raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('hxxp://example[.]com and 8.8.8.8 8.8.8.8');
    await sees('2 indicators recognised');
    await sees('http://example.com/');
  });

  it('groups the digits of a large number', async () => {
    extracts(...Array.from({ length: 1000 }, (_, index) => ({ raw: `10.0.0.${index}`, kind: 'ipv4' as const, value: `10.0.0.${index}` })));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('a thousand');
    await sees('1,000 indicators recognised');
    await sees('and 992 more');
  });

  it('names the kind that is defined on this installation', async () => {
    extracts();
    const indicator = { id: 'x', kind: 'custom', custom_kind: 'employee_id', value: 'employee_id:E-1' } as const;
    server.use(reply<DetectValueData, DetectValueResponses>('get', '/api/v1/detect', { input: 'E-1', detection: { result: 'detected', indicator } }));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('E-1');
    await sees('employee_id');
    server.use(
      reply<DetectValueData, DetectValueResponses>('get', '/api/v1/detect', {
        input: 'E-12',
        detection: { result: 'ambiguous', candidates: [indicator, { ...indicator, id: 'y', custom_kind: 'badge' }] },
      }),
    );
    await wrapper.get('textarea').setValue('E-12');
    await sees('This may be any of: employee_id, badge.');
  });

  it('says why a value is no indicator', async () => {
    extracts();
    server.use(
      reply<DetectValueData, DetectValueResponses>('get', '/api/v1/detect', { input: 'hello', detection: { result: 'rejected', reason: 'unrecognised', message: '' } }),
    );
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('hello');
    await sees('This looks like no kind of indicator');
  });

  it('sends the text as it is, with the playbook, and goes to the result', async () => {
    extracts({ raw: '8[.]8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    shows({}, [item()]);
    let sent: { body: string; query: string; type: string | null } | undefined;
    const take = async (request: Request) => {
      sent = { body: await request.text(), query: new URL(request.url).search, type: request.headers.get('content-type') };
      return submission() as never;
    };
    server.use(reply<CreateSubmissionData, CreateSubmissionResponses>('post', '/api/v1/submissions', ({ request }) => take(request), 202));
    const wrapper = await open('/');
    await sees('Local intelligence only');
    const [playbooks, levels] = wrapper.findAll('select');
    await playbooks?.setValue('keyless');
    await levels?.setValue('red');
    await sees('Nobody outside is asked');
    await wrapper.get('textarea').setValue('see 8[.]8.8.8');
    await wrapper.get('textarea').trigger('keydown', { key: 'Enter' });
    await vi.waitFor(() => expect(mounted.router.currentRoute.value.path).toBe('/lookup/17'));
    expect(sent?.body).toBe('see 8[.]8.8.8');
    expect(sent?.query).toBe('?playbook=keyless&text=prose&tlp=red');
    expect(sent?.type).toBe('text/plain');
  });

  it('shows the text that belongs to the page', async () => {
    extracts({ raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    shows({}, [item()]);
    let made = 16;
    server.use(reply<CreateSubmissionData, CreateSubmissionResponses>('post', '/api/v1/submissions', () => submission({ id: (made += 1) }) as never, 202));
    const wrapper = await open('/');
    const box = wrapper.get('textarea');
    const goesTo = (path: string) => vi.waitFor(() => expect(mounted.router.currentRoute.value.path).toBe(path));
    for (const [text, path] of [['first 8.8.8.8', '/lookup/17'], ['second 8.8.8.8', '/lookup/18']] as const) {
      await box.setValue(text);
      await wrapper.get('form').trigger('submit');
      await goesTo(path);
    }
    const back = async (path: string, text: string) => {
      mounted.router.back();
      await goesTo(path);
      await vi.waitFor(() => expect(box.element.value).toBe(text));
    };
    await back('/lookup/17', 'first 8.8.8.8');
    await back('/', 'first 8.8.8.8');
    await mounted.router.push('/lookup/3');
    await vi.waitFor(() => expect(box.element.value).toBe(''));
  });

  it('sends again under the same key when the answer was lost', async () => {
    extracts({ raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    const sent: (string | null)[] = [];
    server.use(unreachable<CreateSubmissionData>('post', '/api/v1/submissions', ({ headers }) => void sent.push(headers.get('idempotency-key'))));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('8.8.8.8');
    for (const count of [1, 2]) {
      await wrapper.get('form').trigger('submit');
      await vi.waitFor(() => expect(sent).toHaveLength(count));
      await sees('The server cannot be reached');
    }
    expect(sent[1]).toBe(sent[0]);
  });

  it('shows the problem when it cannot be sent', async () => {
    extracts({ raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    server.use(fail<CreateSubmissionData>('post', '/api/v1/submissions', 'backlog_full', 503));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('8.8.8.8');
    await wrapper.get('form').trigger('submit');
    await sees('next step of backlog_full');
  });
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
