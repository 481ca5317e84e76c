import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { useIntervalFn, useThrottleFn } from '@vueuse/core';
import { ref, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { useLiveCount } from '@/live/useLiveCount';
import { useSubmissionEvents } from '@/live/useSubmissionEvents';
import { RateMeter } from './rate';
import { facetsOptions } from './submissions.queries';

/** The list and the facets are asked again at most so often while it runs, in milliseconds. */
const EVERY = 2000;

/** A submission kept true by its events, with how fast it goes. `onChange` is called now and then while items change, and at the end. */
export function useLiveProgress(id: MaybeRefOrGetter<number>, onChange: () => void) {
  const client = useQueryClient();
  const { submission, running, countSoon, tell } = useLiveCount(id, refresh);
  const facets = useQuery(facetsOptions(id));

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
  const refreshSoon = useThrottleFn(refresh, EVERY, true);

  const stream = useSubmissionEvents(
    () => (running.value && submission.data.value ? { id: toValue(id), after: submission.data.value.seq } : undefined),
    {
      onItems: () => {
        void countSoon();
        void refreshSoon();
      },
      onSubmission: (now) => {
        tell(now);
        void refreshSoon();
      },
      onResync: refresh,
    },
  );

  return { submission, facets, running, rate, secondsLeft, stream, refresh };
}
