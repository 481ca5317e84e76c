import { useQuery } from '@tanstack/vue-query';
import { listPlaybooksOptions } from '@/api/@tanstack/vue-query.gen';

/** The playbooks to choose from. */
export function usePlaybooks() {
  return useQuery({ ...listPlaybooksOptions({ query: { limit: 1000 } }), staleTime: 60_000 });
}
