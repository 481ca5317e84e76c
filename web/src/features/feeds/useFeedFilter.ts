import { computed } from 'vue';
import type { ListSort } from '@/api';
import { useRouteParam, useTypedParam } from '@/lib/route-param';
import type { FeedFilter } from './feeds.queries';

const sorts = ['slug', 'name', '-updated_at'] as const satisfies readonly ListSort[];
const switches = ['enabled', 'disabled'] as const;

/** The filter of the list, kept in the page's address; the search waits until typing pauses. */
export function useFeedFilter() {
  const provider = useRouteParam('provider');
  const status = useRouteParam('status', switches);
  const sort = useRouteParam('sort', sorts);
  const { typed, param: search } = useTypedParam('search');

  const filter = computed<FeedFilter>(() => ({
    ...(provider.value ? { provider: provider.value } : {}),
    ...(status.value ? { enabled: status.value === 'enabled' } : {}),
    ...(search.value ? { search: search.value } : {}),
    sort: sort.value || 'slug',
  }));
  const filtered = computed(() => Object.keys(filter.value).length > 1);
  return { provider, status, sort, typed, filter, filtered, sorts, switches };
}
