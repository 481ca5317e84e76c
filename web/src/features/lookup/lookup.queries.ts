import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, toValue, watch, type MaybeRefOrGetter } from 'vue';
import type { Item, ItemPage } from '@/api';
import {
  getSubmissionItemOptions,
  listPlaybooksOptions,
  listSubmissionItemsOptions,
  listSubmissionItemsQueryKey,
} from '@/api/@tanstack/vue-query.gen';
import { useLiveCount } from '@/live/useLiveCount';
import { useSubmissionEvents } from '@/live/useSubmissionEvents';

/** Above so many items a submission is shown by the bulk page: its stream tells no single items. */
export const LARGEST_LOOKUP = 1000;

const itemsOf = (id: number) => ({ path: { id }, query: { limit: LARGEST_LOOKUP } });

/** The playbooks to choose from. */
export function usePlaybooks() {
  return useQuery({ ...listPlaybooksOptions({ query: { limit: 1000 } }), staleTime: 60_000 });
}

/** A submission with its items, kept true by its stream of events while it runs and the page is visible. */
export function useLiveSubmission(id: MaybeRefOrGetter<number>) {
  const client = useQueryClient();
  const { submission, running, countSoon, tell } = useLiveCount(id, refreshItems);
  // Listed after the submission was read, so that its `seq` is never newer than the list: the stream brings exactly the rest.
  const items = useQuery(
    computed(() => ({ ...listSubmissionItemsOptions(itemsOf(toValue(id))), enabled: submission.data.value?.id === toValue(id) })),
  );

  function refreshItems(): void {
    void client.invalidateQueries({ queryKey: listSubmissionItemsQueryKey(itemsOf(toValue(id))) });
  }

  const stream = useSubmissionEvents(
    () => (running.value && items.data.value ? { id: toValue(id), after: submission.data.value?.seq ?? 0 } : undefined),
    {
      onItems: (changed) => {
        void countSoon();
        client.setQueryData<ItemPage>(listSubmissionItemsQueryKey(itemsOf(toValue(id))), (page) => page && { ...page, items: merge(page.items, changed) });
      },
      onSubmission: tell,
      onResync: refreshItems,
    },
  );
  return { submission, items, running, stream };
}

/** Items with newer ones put in their places: by ordinal, the one of the later commit. */
export function merge(items: readonly Item[], changed: readonly Item[]): Item[] {
  const all = new Map(items.map((item) => [item.ordinal, item]));
  for (const item of changed) {
    const known = all.get(item.ordinal);
    if (!known || (item.seq ?? 0) >= (known.seq ?? 0)) all.set(item.ordinal, item);
  }
  return [...all.values()].toSorted((a, b) => a.ordinal - b.ordinal);
}

/** An item's details: read again when the item changed. How often a source was tried is no change of the item, so it looks itself. */
export function useItemDetails(id: MaybeRefOrGetter<number>, item: MaybeRefOrGetter<Item>) {
  const client = useQueryClient();
  const options = computed(() => getSubmissionItemOptions({ path: { id: toValue(id), ordinal: toValue(item).ordinal } }));
  const details = useQuery(
    computed(() => ({ ...options.value, refetchInterval: () => (isOpen(toValue(item)) ? 3000 : (false as const)) })),
  );
  watch(
    () => toValue(item).seq,
    async (seq) => {
      if (details.data.value?.item.seq === seq) return;
      const { queryKey } = options.value;
      // A first answer that is still on its way may be older than the change, and is not replaced by asking again.
      await client.cancelQueries({ queryKey });
      await client.invalidateQueries({ queryKey });
    },
  );
  return details;
}

function isOpen(item: Item): boolean {
  return item.state !== 'done' && item.state !== 'cancelled';
}
