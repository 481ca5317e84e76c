import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import {
  discardDeadLettersMutation,
  listQueuesOptions,
  listQueuesQueryKey,
  listSourceQueuesOptions,
  listSourceQueuesQueryKey,
  listWorkersOptions,
  pauseQueueMutation,
  pauseSourceMutation,
  replayDeadLettersMutation,
  resumeQueueMutation,
  resumeSourceMutation,
} from '@/api/@tanstack/vue-query.gen';
import { listDeadLetters, type ListDeadLettersData } from '@/api';

/** How often what changes by itself is read again while the page is seen; hidden, nothing is asked. */
export const REFRESH_MS = 5000;
const live = { refetchInterval: REFRESH_MS, refetchIntervalInBackground: false };

/** Which dead letters: of one source, of one outcome, both, or all. */
export type DeadLetterFilter = Pick<NonNullable<ListDeadLettersData['query']>, 'source' | 'outcome'>;

/** All queues. */
export const useQueues = () => useQuery({ ...listQueuesOptions(), ...live });

/** The queues of remote sources: all there are. */
export const useSourceQueues = () => useQuery({ ...listSourceQueuesOptions({ query: { limit: 1000 } }), ...live });

/** The workers. */
export const useWorkers = () => useQuery({ ...listWorkersOptions(), ...live });

/** Dead letters, newest first, page after page. */
export function useDeadLetters(filter: MaybeRefOrGetter<DeadLetterFilter>) {
  return useInfiniteQuery({
    queryKey: ['dead-letters', computed(() => toValue(filter))],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...toValue(filter), limit: 50, ...(pageParam ? { cursor: pageParam } : {}) };
      return (await listDeadLetters({ query, signal, throwOnError: true })).data;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    ...live,
  });
}

/** Everything this page shows is read again: a change of one thing moves the figures of the others. */
function useRefresh() {
  const client = useQueryClient();
  const keys = [listQueuesQueryKey(), listSourceQueuesQueryKey(), ['dead-letters'], ['sources']];
  return () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
}

/** Tries dead letters again. */
export const useReplay = () => useMutation({ ...replayDeadLettersMutation(), onSettled: useRefresh() });

/** Puts dead letters away. */
export const useDiscard = () => useMutation({ ...discardDeadLettersMutation(), onSettled: useRefresh() });

/** Makes lookups of a source wait. */
export const usePause = () => useMutation({ ...pauseSourceMutation(), onSettled: useRefresh() });

/** Lets them go on. */
export const useResume = () => useMutation({ ...resumeSourceMutation(), onSettled: useRefresh() });

/** Holds a queue back. */
export const usePauseQueue = () => useMutation({ ...pauseQueueMutation(), onSettled: useRefresh() });

/** Lets it go on. */
export const useResumeQueue = () => useMutation({ ...resumeQueueMutation(), onSettled: useRefresh() });
