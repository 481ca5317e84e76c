import { useDocumentVisibility, useEventListener } from '@vueuse/core';
import { onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import type { Item, Submission } from '@/api';
import { ApiError } from '@/lib/api-error';
import { streamSubmission, type SubmissionEvent } from '@/lib/submission-stream';

/** How the stream is: `paused` while the page is hidden, `waiting` before it tries again, `failed` when trying again cannot help. */
export type StreamStatus = 'idle' | 'connecting' | 'live' | 'paused' | 'waiting' | 'ended' | 'failed';

interface Handlers {
  /** Items that got their verdict since the last frame. */
  onItems?: (items: Item[]) => void;
  /** The submission as it is now; the last of a frame. */
  onSubmission?: (submission: Submission) => void;
  /** Something was missed: list the items again. */
  onResync?: () => void;
  /** It ended; nothing more comes. */
  onDone?: () => void;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/**
 * Follows one submission while the page is visible: one stream, closed when hidden, resumed by the number of the last event, so that
 * exactly the rest arrives. Events are handed over once a frame. Follows nothing while `start` is undefined; `after` is read when it
 * begins: the `seq` of the submission as it was when its items were listed.
 */
export function useSubmissionEvents(start: MaybeRefOrGetter<{ id: number; after: number } | undefined>, handlers: Handlers) {
  const status = ref<StreamStatus>('idle');
  const error = shallowRef<ApiError>();
  const visibility = useDocumentVisibility();
  let id: number | undefined;
  let seq = 0;
  let wait = FIRST_WAIT;
  let connection: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame: number | undefined;
  let events: SubmissionEvent[] = [];

  function flush(): void {
    frame = undefined;
    const batch = events;
    events = [];
    const items = batch.flatMap((event) => (event.type === 'item' ? [event.item] : []));
    const last = batch.findLast((event) => event.type !== 'item');
    if (items.length > 0) handlers.onItems?.(items);
    if (last) handlers.onSubmission?.(last.submission);
    if (batch.some((event) => event.type === 'resync')) handlers.onResync?.();
    if (batch.some((event) => event.type === 'done')) {
      close('ended');
      handlers.onDone?.();
    }
  }

  function receive(event: SubmissionEvent): void {
    seq = event.seq;
    wait = FIRST_WAIT;
    events.push(event);
    frame ??= requestAnimationFrame(flush);
  }

  function close(next: StreamStatus): void {
    connection?.abort();
    connection = undefined;
    clearTimeout(timer);
    status.value = next;
  }

  function drop(): void {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    events = [];
  }

  async function open(): Promise<void> {
    if (id === undefined) return;
    const own = new AbortController();
    connection = own;
    status.value = 'connecting';
    let failure: unknown;
    try {
      await streamSubmission(id, { after: seq, signal: own.signal, onEvent: (event) => connection === own && receive(event), onOpen: () => (status.value = 'live') });
    } catch (thrown) {
      failure = thrown;
    }
    if (connection !== own) return; // closed by us, or replaced
    if (frame !== undefined) {
      cancelAnimationFrame(frame);
      flush(); // may have been the last word
    }
    if (connection !== own) return;
    if (failure instanceof ApiError && !failure.passing) {
      error.value = failure;
      close('failed');
      return;
    }
    status.value = 'waiting';
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  watch(
    [() => toValue(start)?.id, visibility] as const,
    ([next, visible]) => {
      if (next !== id) {
        drop();
        close('idle');
        id = next;
        seq = toValue(start)?.after ?? 0;
        error.value = undefined;
      }
      if (id === undefined || status.value === 'ended' || status.value === 'failed') return;
      if (visible === 'hidden') return close('paused'); // what came is handed over with the next frame
      if (connection) return;
      wait = FIRST_WAIT;
      void open();
    },
    { immediate: true },
  );
  // Back online there is nothing to wait for.
  useEventListener('online', () => {
    if (status.value !== 'waiting') return;
    clearTimeout(timer);
    wait = FIRST_WAIT;
    void open();
  });
  onScopeDispose(() => {
    close('idle');
    drop();
  });

  return { status, error };
}
