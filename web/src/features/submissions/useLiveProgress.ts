import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { useIntervalFn, useThrottleFn } from '@vueuse/core';
import { computed, ref, toValue, watch, type MaybeRefOrGetter } from 'vue';
import type { Submission } from '@/api';
import { useSubmissionEvents } from '@/live/useSubmissionEvents';
import { RateMeter } from './rate';
import { facetsOptions, submissionOptions } from './submissions.queries';

/** The list and the facets are asked again at most so often while it runs, in milliseconds. */
const EVERY = 2000;

/** A submission kept true by its events, with how fast it goes. `onChange` is called now and then while items change, and at the end. */
export function useLiveProgress(id: MaybeRefOrGetter<number>, onChange: () => void) {
  const client = useQueryClient();
  const submission = useQuery(submissionOptions(id));
  const facets = useQuery(facetsOptions(id));
  const running = computed(() => submission.data.value?.state === 'running' || submission.data.value?.state === 'receiving');

  let meter = new RateMeter(30_000, 3000);
  const rate = ref<number>();
  const secondsLeft = ref<number>();
  function measure(): void {
    const now = submission.data.value;
    const at = performance.now();
    rate.value = running.value ? meter.rate(at) : undefined;
    secondsLeft.value = running.value && now?.total_final ? meter.secondsLeft(at, now.total - now.done - now.cancelled) : undefined;
  }
  const ticking = useIntervalFn(measure, 1000, { immediate: false });
  watch(running, (runs) => (runs ? ticking.resume() : ticking.pause()), { immediate: true });
  watch(
    () => submission.data.value,
    (now, before) => {
      if (now?.id !== before?.id) meter = new RateMeter(30_000, 3000);
      if (now && running.value) meter.add(performance.now(), now.done + now.cancelled);
      measure();
    },
    { immediate: true },
  );

  function refresh(): void {
    void client.invalidateQueries({ queryKey: facetsOptions(id).value.queryKey });
    onChange();
  }
  // Its end may be told by its events or by the answer to a cancellation; items cancelled with it have no event of their own.
  watch(running, (runs, ran) => ran && !runs && refresh());
  const refreshSoon = useThrottleFn(refresh, EVERY, true);
  // Events of a small submission tell its items; how many are done it must be asked.
  const countSoon = useThrottleFn(() => void submission.refetch(), 1000, true);

  const stream = useSubmissionEvents(
    () => (running.value && submission.data.value ? { id: toValue(id), after: submission.data.value.seq } : undefined),
    {
      onItems: () => {
        void countSoon();
        void refreshSoon();
      },
      onSubmission: (now) => {
        client.setQueryData<Submission>(submissionOptions(id).value.queryKey, now);
        void refreshSoon();
      },
      onResync: refresh,
    },
  );

  return { submission, facets, running, rate, secondsLeft, stream, refresh };
}
