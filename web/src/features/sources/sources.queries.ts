import { useInfiniteQuery, useQuery } from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { getStatsOptions, listProvidersOptions, listSourceQueuesOptions } from '@/api/@tanstack/vue-query.gen';
import { listLookups, listSources, type ListSourcesData, type Outcome } from '@/api';

/** How often the health of sources is read again while the page is seen. */
const live = { refetchInterval: 10_000, refetchIntervalInBackground: false };
/** The same for what is dear to count. */
const slow = { staleTime: 60_000, refetchInterval: 60_000, refetchIntervalInBackground: false };
/** How a call ends that says something about the indicator. */
export const ANSWERS: readonly Outcome[] = ['found', 'not_found'];

/** What of the list is asked for. */
export type SourceFilter = Pick<NonNullable<ListSourcesData['query']>, 'provider' | 'kind' | 'enabled' | 'paused' | 'search' | 'sort'>;

/** Sources by the filter, page after page. */
export function useSources(filter: MaybeRefOrGetter<SourceFilter>) {
  return useInfiniteQuery({
    queryKey: ['sources', computed(() => toValue(filter))],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...toValue(filter), limit: 200, ...(pageParam ? { cursor: pageParam } : {}) };
      return (await listSources({ query, signal, throwOnError: true })).data;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: (before) => before,
    ...live,
  });
}

/** What waits for the sources that are asked over the network, and the room their limits have. */
export const useRooms = () => useQuery({ ...listSourceQueuesOptions({ query: { limit: 1000 } }), ...live });

/** Providers to choose from. */
export const useProviders = () => useQuery({ ...listProvidersOptions({ query: { limit: 1000, sort: 'name' } }), staleTime: 300_000 });

/** How the calls of the last day ended. */
export const useDay = () => useQuery({ ...getStatsOptions({ query: { range: '24h' } }), ...slow });

/** The latest lookups of one source. */
export function useLatest(source: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['latest-lookups', computed(() => toValue(source))],
    queryFn: async ({ signal }) => (await listLookups({ query: { source: toValue(source), limit: 5 }, signal, throwOnError: true })).data,
    ...live,
  });
}

/** When one source last answered, by its latest lookups; `null` when none of them was answered. */
export function useLastAnswer(source: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['last-answer', computed(() => toValue(source))],
    queryFn: async ({ signal }) => {
      const { lookups } = (await listLookups({ query: { source: toValue(source), state: 'done', limit: 5 }, signal, throwOnError: true })).data;
      const times = lookups.filter(({ outcome }) => outcome && ANSWERS.includes(outcome)).map(({ finished_at: at }) => at ?? '');
      return times.toSorted().at(-1) || null;
    },
    enabled,
    ...slow,
  });
}
