import { flushPromises, mount } from '@vue/test-utils';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defineComponent, h, ref } from 'vue';
import type { Item, StreamSubmissionEventsData } from '@/api';
import { item, submission } from '@/mocks/fixtures';
import { fail, stream } from '@/mocks/reply';
import { server } from '@/mocks/server';
import { useSubmissionEvents } from './useSubmissionEvents';

const EVENTS = '/api/v1/submissions/{id}/events';
let unmount: () => void;

function follow(start: () => { id: number; after: number } | undefined) {
  const told = { items: [] as Item[][], done: 0, resync: 0, submissions: 0 };
  let events!: ReturnType<typeof useSubmissionEvents>;
  const wrapper = mount(
    defineComponent(() => {
      events = useSubmissionEvents(start, {
        onItems: (items) => told.items.push(items),
        onSubmission: () => (told.submissions += 1),
        onResync: () => (told.resync += 1),
        onDone: () => (told.done += 1),
      });
      return () => h('p');
    }),
  );
  unmount = () => wrapper.unmount();
  return { told, events };
}

function setVisibility(state: 'visible' | 'hidden'): void {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => setVisibility('visible'));
afterEach(() => {
  unmount();
  vi.useRealTimers();
});

describe('useSubmissionEvents', () => {
  it('hands items over together and ends with done', async () => {
    server.use(
      stream<StreamSubmissionEventsData>(EVENTS, () => [
        { event: 'item', id: 3, data: item({ ordinal: 0 }) },
        { event: 'item', id: 3, data: item({ ordinal: 1 }) },
        { event: 'done', id: 4, data: submission() },
      ]),
    );
    const { told, events } = follow(() => ({ id: 17, after: 2 }));
    await vi.waitFor(() => expect(told.done).toBe(1));
    expect(told.items.flat().map(({ ordinal }) => ordinal)).toEqual([0, 1]);
    expect(told.submissions).toBe(1);
    expect(events.status.value).toBe('ended');
  });

  it('goes on after the last event when the connection breaks', async () => {
    const asked: (string | null)[] = [];
    server.use(
      stream<StreamSubmissionEventsData>(EVENTS, (request) => {
        asked.push(new URL(request.url).searchParams.get('after'));
        return asked.length === 1 ? [{ event: 'item', id: 5, data: item() }] : [{ event: 'done', id: 6, data: submission() }];
      }),
    );
    const { told } = follow(() => ({ id: 17, after: 2 }));
    await vi.waitFor(() => expect(told.done).toBe(1), { timeout: 5000 });
    expect(asked).toEqual(['2', '5']);
  });

  it('gives up at once where trying again cannot help', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let calls = 0;
    const count = () => void (calls += 1);
    server.events.on('request:start', count);
    server.use(fail<StreamSubmissionEventsData>('get', EVENTS, 'not_found', 404));
    const { events } = follow(() => ({ id: 17, after: 0 }));
    await vi.waitFor(() => expect(events.status.value).toBe('failed'));
    expect(events.error.value?.id).toBe('not_found');
    vi.advanceTimersByTime(60_000);
    await flushPromises();
    server.events.removeListener('request:start', count);
    expect(calls).toBe(1);
  });

  it('tries again when the server has a fault of its own', async () => {
    let calls = 0;
    server.use(
      http.get('*/api/v1/submissions/:id/events', () => {
        calls += 1;
        return calls === 1
          ? HttpResponse.json({}, { status: 503 })
          : new HttpResponse(`event: done\nid: 9\ndata: ${JSON.stringify(submission())}\n\n`, { headers: { 'content-type': 'text/event-stream' } });
      }),
    );
    const { told } = follow(() => ({ id: 17, after: 0 }));
    await vi.waitFor(() => expect(told.done).toBe(1), { timeout: 5000 });
  });

  it('goes on at once when the machine is online again', async () => {
    let calls = 0;
    server.use(
      http.get('*/api/v1/submissions/:id/events', () => {
        calls += 1;
        return calls === 1 ? HttpResponse.error() : new HttpResponse(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });
      }),
    );
    const { events } = follow(() => ({ id: 17, after: 0 }));
    await vi.waitFor(() => expect(events.status.value).toBe('waiting'), { interval: 5 });
    window.dispatchEvent(new Event('online'));
    expect(events.status.value).toBe('connecting');
    await vi.waitFor(() => expect(events.status.value).toBe('live'));
    expect(calls).toBe(2);
  });

  it('closes while the page is hidden and opens again when it is seen', async () => {
    const aborted: boolean[] = [];
    server.use(
      http.get('*/api/v1/submissions/:id/events', ({ request }) => {
        const index = aborted.push(false) - 1;
        request.signal.addEventListener('abort', () => (aborted[index] = true));
        return new HttpResponse(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });
      }),
    );
    const { events } = follow(() => ({ id: 17, after: 0 }));
    await vi.waitFor(() => expect(events.status.value).toBe('live'));
    setVisibility('hidden');
    await vi.waitFor(() => expect(events.status.value).toBe('paused'));
    await vi.waitFor(() => expect(aborted).toEqual([true]));
    setVisibility('visible');
    await vi.waitFor(() => expect(events.status.value).toBe('live'));
    expect(aborted).toEqual([true, false]);
  });

  it('follows nothing until told what, and stops when told nothing', async () => {
    const start = ref<{ id: number; after: number }>();
    const { events } = follow(() => start.value);
    await flushPromises();
    expect(events.status.value).toBe('idle');
    server.use(http.get('*/api/v1/submissions/:id/events', () => new HttpResponse(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } })));
    start.value = { id: 17, after: 0 };
    await vi.waitFor(() => expect(events.status.value).toBe('live'));
    start.value = undefined;
    await vi.waitFor(() => expect(events.status.value).toBe('idle'));
  });
});
