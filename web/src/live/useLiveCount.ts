import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { useDocumentVisibility, useIntervalFn, useThrottleFn } from '@vueuse/core';
import { computed, toValue, watch, type MaybeRefOrGetter } from 'vue';
import type { Submission } from '@/api';
import { getSubmissionOptions, getSubmissionQueryKey } from '@/api/@tanstack/vue-query.gen';

/** It is read again at most so often, in milliseconds. */
const EVERY = 1000;

/**
 * A submission and how far it is. Its stream says so by `tell`; where the stream tells items alone, `countSoon` has it read again. Items
 * that are cancelled have no events, so while a cancel is being carried out it looks by itself. `onEnd` is called when it has ended, and
 * once more when all that was cancelled is counted.
 */
export function useLiveCount(id: MaybeRefOrGetter<number>, onEnd: () => void) {
  const client = useQueryClient();
  const submission = useQuery(computed(() => getSubmissionOptions({ path: { id: toValue(id) } })));
  const now = submission.data;
  const running = computed(() => now.value?.state === 'running' || now.value?.state === 'receiving');
  const cancelling = computed(() => now.value?.state === 'cancelled' && now.value.done + now.value.cancelled < now.value.total);

  const count = () => void submission.refetch();
  const countSoon = useThrottleFn(count, EVERY, true);
  const counting = useIntervalFn(count, EVERY, { immediate: false });
  const visibility = useDocumentVisibility();
  watch([cancelling, visibility], ([is, seen]) => (is && seen === 'visible' ? counting.resume() : counting.pause()), { immediate: true });
  // However its end was learned: by its events, or by the answer to a cancellation.
  for (const going of [running, cancelling]) watch(going, (is, was) => was && !is && onEnd());

  /** What its stream says of it. An answer that is still on its way is older. */
  function tell(told: Submission): void {
    const queryKey = getSubmissionQueryKey({ path: { id: toValue(id) } });
    void client.cancelQueries({ queryKey });
    client.setQueryData<Submission>(queryKey, told);
  }
  return { submission, running, countSoon, tell };
}
