import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { fromUrl, toUrl, type ItemFilter } from './item-filter';

/** The table's filter. It lives in the address alone, so that a link shows what its sender saw. */
export function useItemFilter() {
  const route = useRoute();
  const router = useRouter();
  const filter = computed(() => fromUrl(route.query));
  const set = (next: ItemFilter) => void router.replace({ query: toUrl(next) });
  return { filter, set };
}
