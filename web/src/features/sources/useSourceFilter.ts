import { computed } from 'vue';
import type { ListSort } from '@/api';
import { useRouteParam, useTypedParam } from '@/lib/route-param';
import type { SourceFilter } from './sources.queries';

const sorts = ['slug', 'name', '-updated_at'] as const satisfies readonly ListSort[];
const sourceKinds = ['native', 'feed', 'database'] as const;
/** What the list can be narrowed to by one word; the API knows each. */
const switches = ['enabled', 'disabled', 'paused'] as const;

/** The filter of the list, kept in the page's address; the search waits until typing pauses. */
export function useSourceFilter() {
  const provider = useRouteParam('provider');
  const kind = useRouteParam('kind', sourceKinds);
  const status = useRouteParam('status', switches);
  const sort = useRouteParam('sort', sorts);
  const { typed, param: search } = useTypedParam('search');

  const filter = computed<SourceFilter>(() => ({
    ...(provider.value ? { provider: provider.value } : {}),
    ...(kind.value ? { kind: kind.value } : {}),
    ...(status.value === 'paused' ? { paused: true } : {}),
    ...(status.value === 'enabled' ? { enabled: true } : {}),
    ...(status.value === 'disabled' ? { enabled: false } : {}),
    ...(search.value ? { search: search.value } : {}),
    sort: sort.value || 'slug',
  }));
  const filtered = computed(() => Object.keys(filter.value).length > 1);
  return { provider, kind, status, sort, typed, filter, filtered, sorts, sourceKinds, switches };
}
