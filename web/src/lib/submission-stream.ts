import { streamSubmissionEvents, type Item, type Submission } from '@/api';
import { toApiError } from './api-error';

/** What the server tells of a submission. `seq` is where to go on after a break. */
export type SubmissionEvent =
  | { type: 'item'; seq: number; item: Item }
  | { type: 'progress' | 'done' | 'resync'; seq: number; submission: Submission };

interface StreamOptions {
  /** Only what happened after this event. */
  after: number;
  signal: AbortSignal;
  onEvent: (event: SubmissionEvent) => void;
  /** The server answered and the stream is open. */
  onOpen?: () => void;
}

/**
 * Follows a submission over one connection. Returns when the server ends it or the signal aborts; throws an `ApiError` when it fails:
 * whoever called decides whether to come back.
 */
export async function streamSubmission(id: number, { after, signal, onEvent, onOpen }: StreamOptions): Promise<void> {
  let failure: unknown;
  const { stream } = await streamSubmissionEvents({
    path: { id },
    query: { after },
    signal,
    sseMaxRetryAttempts: 1,
    fetch: async (input, init) => {
      const response = await globalThis.fetch(input, init);
      if (!response.ok) throw toApiError(await response.json().catch(() => undefined), response.status);
      onOpen?.();
      return response;
    },
    onSseError: (error) => (failure = error),
    // The generated stream yields data alone; the event's name and id come here.
    onSseEvent: ({ event, id: seq, data }) => {
      const told = toEvent(event, Number(seq ?? after), data);
      if (told) onEvent(told);
    },
  });
  while (!(await stream.next()).done && !signal.aborted);
  if (failure && !signal.aborted) throw toApiError(failure);
}

function toEvent(name: string | undefined, seq: number, data: unknown): SubmissionEvent | undefined {
  switch (name) {
    case 'item':
      return { type: name, seq, item: data as Item };
    case 'progress':
    case 'done':
    case 'resync':
      return { type: name, seq, submission: data as Submission };
    default:
      return undefined; // a comment, or an event of a newer server
  }
}
