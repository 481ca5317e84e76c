import { useInfiniteQuery, useQuery } from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { listProvidersOptions } from '@/api/@tanstack/vue-query.gen';
import { listFeeds, type ListFeedsData } from '@/api';

/** What of the list is asked for. */
export type FeedFilter = Pick<NonNullable<ListFeedsData['query']>, 'provider' | 'enabled' | 'search' | 'sort'>;

/** Feeds by the filter, page after page; read again now and then while the page is seen, as runs come and go. */
export function useFeeds(filter: MaybeRefOrGetter<FeedFilter>) {
  return useInfiniteQuery({
    queryKey: ['feeds', computed(() => toValue(filter))],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...toValue(filter), limit: 200, ...(pageParam ? { cursor: pageParam } : {}) };
      return (await listFeeds({ query, signal, throwOnError: true })).data;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: 10_000,
    refetchIntervalInBackground: false,
  });
}

/** Providers to choose from. */
export const useProviders = () => useQuery({ ...listProvidersOptions({ query: { limit: 1000, sort: 'name' } }), staleTime: 300_000 });
