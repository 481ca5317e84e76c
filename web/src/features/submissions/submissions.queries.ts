import { queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter, type Ref } from 'vue';
import {
  cancelSubmissionMutation,
  deleteSubmissionMutation,
  getSubmissionFacetsOptions,
  getSubmissionItemOptions,
  getSubmissionOptions,
  rerunSubmissionMutation,
} from '@/api/@tanstack/vue-query.gen';
import { listSubmissionItems, listSubmissionRejects, listSubmissions, type Item, type Submission, type SubmissionState } from '@/api';
import { toApi, type ItemFilter } from './item-filter';
import { toRow, type ItemRow } from './item-row';
import type { FetchPage } from './item-pages';

/** Rows of one page of the table: as many as the operation gives. */
export const PAGE_SIZE = 1000;

const nextOf = ({ next }: { next?: string | null }) => next ?? undefined;

/**
 * All submissions, newest first, page by page. The list has no stream: while one in it runs it is asked again every few seconds, as long as
 * the page is visible.
 */
export function useSubmissionList(state: MaybeRefOrGetter<SubmissionState | undefined>) {
  return useInfiniteQuery({
    queryKey: ['submissions', computed(() => toValue(state))],
    queryFn: async ({ pageParam, signal }) => {
      const asked = toValue(state);
      const query = { limit: 50, ...(asked ? { state: asked } : {}), ...(pageParam ? { cursor: pageParam } : {}) };
      return (await listSubmissions({ query, signal, throwOnError: true })).data;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
    refetchInterval: ({ state: { data } }) => (data?.pages.some((page) => page.submissions.some(isRunning)) ? 3000 : false),
  });
}

/** True while it may still change by itself. */
export function isRunning({ state }: Submission): boolean {
  return state === 'running' || state === 'receiving';
}

/** One submission as it is. */
export function submissionOptions(id: MaybeRefOrGetter<number>) {
  return computed(() => queryOptions(getSubmissionOptions({ path: { id: toValue(id) } })));
}

/** How many of its judged items are of which kind with which verdict. */
export function facetsOptions(id: MaybeRefOrGetter<number>) {
  return computed(() => queryOptions(getSubmissionFacetsOptions({ path: { id: toValue(id) } })));
}

/** One item with everything that is known of it. Its lookups have no events, so while it is open it is asked again. */
export function useItem(id: MaybeRefOrGetter<number>, ordinal: MaybeRefOrGetter<number>) {
  return useQuery(
    computed(() => ({
      ...getSubmissionItemOptions({ path: { id: toValue(id), ordinal: toValue(ordinal) } }),
      refetchInterval: (query: { state: { data?: { item: Item } | undefined } }) => {
        const state = query.state.data?.item.state;
        return state === undefined || state === 'done' || state === 'cancelled' ? false : 3000;
      },
    })),
  );
}

/** Lines that are no indicator, page by page. */
export function useRejects(id: MaybeRefOrGetter<number>, enabled: Ref<boolean>) {
  return useInfiniteQuery({
    queryKey: ['rejects', computed(() => toValue(id))],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
      return (await listSubmissionRejects({ path: { id: toValue(id) }, query, signal, throwOnError: true })).data;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
    enabled,
  });
}

/**
 * Pages of the big table. Not kept by Vue Query, which would hold every page it ever fetched: `ItemPages` keeps the near ones.
 */
export function fetchRows(id: number, filter: ItemFilter): FetchPage<ItemRow> {
  return async (at, signal) => {
    const start = at === undefined ? {} : typeof at === 'number' ? { from: at } : { cursor: at };
    const query = { ...toApi(filter), limit: PAGE_SIZE, ...start };
    const { data } = await listSubmissionItems({ path: { id }, query, signal, throwOnError: true });
    return { rows: data.items.map(toRow), next: data.next ?? undefined };
  };
}

/** Cancel, repeat, delete; afterwards the lists are asked again. */
export function useSubmissionActions(id: MaybeRefOrGetter<number>) {
  const client = useQueryClient();
  const path = () => ({ path: { id: toValue(id) } });
  const listed = () => client.invalidateQueries({ queryKey: ['submissions'] });
  const cancel = useMutation({
    ...cancelSubmissionMutation(),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: submissionOptions(id).value.queryKey });
      await listed();
    },
  });
  const rerun = useMutation({ ...rerunSubmissionMutation(), onSuccess: listed });
  const remove = useMutation({ ...deleteSubmissionMutation(), onSuccess: listed });
  return { cancel, rerun, remove, path };
}
