import { computed, onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { ItemPages } from './item-pages';
import { isOpen, type ItemFilter } from './item-filter';
import type { ItemRow } from './item-row';
import { fetchRows, PAGE_SIZE } from './submissions.queries';

/** Rows fetched beyond what is seen, on both sides. */
const MARGIN = 300;
/** Rows a millisecond above which nobody reads what flies by, and for how long (milliseconds) it must then rest before it is fetched. */
const FLYING = 4;
const PAUSE = 80;
/** Rows shown as coming where nobody knows how many follow. */
const AHEAD = 30;

interface Input {
  id: MaybeRefOrGetter<number>;
  filter: MaybeRefOrGetter<ItemFilter>;
  /** How many rows there will be, where that is known. */
  expected: MaybeRefOrGetter<number | undefined>;
  /** How many rows at the beginning of the list without a filter have their ordinal as number. */
  dense: MaybeRefOrGetter<number>;
}

/** The rows of a submission's table, by number, under a filter. */
export function useItemPages({ id, filter, expected, dense }: Input) {
  const version = shallowRef(0);
  /** True when the list under a filter has changed in a way that cannot be shown where the reader is. */
  const stale = ref(false);
  let seen: [number, number] = [0, 1];
  let pages = make();
  let next: ItemPages<ItemRow> | undefined;
  let lookedAt = 0;
  let later: ReturnType<typeof setTimeout> | undefined;

  function make(): ItemPages<ItemRow> {
    const made: ItemPages<ItemRow> = new ItemPages<ItemRow>({
      fetch: fetchRows(toValue(id), toValue(filter)),
      ...(isOpen(toValue(filter)) ? { numbered: PAGE_SIZE } : {}),
      onChange: () => {
        if (made === next && (made.known > 0 || made.complete)) {
          next = undefined;
          pages.stop();
          pages = made;
        }
        // Also where the new rows did not come: it says so over the old ones.
        if (made === pages || made === next) version.value += 1;
      },
    });
    made.grow(toValue(dense), toValue(expected) ?? 0);
    return made;
  }

  /** Says which rows are seen. */
  function look(from: number, to: number): void {
    const at = performance.now();
    const speed = Math.abs(from - seen[0]) / Math.max(1, at - lookedAt);
    lookedAt = at;
    seen = [from, to];
    clearTimeout(later);
    if (speed > FLYING) later = setTimeout(fetchSeen, PAUSE);
    else fetchSeen();
  }

  function fetchSeen(): void {
    const [from, to] = seen;
    for (const list of [pages, next]) list?.want(from - MARGIN, to + MARGIN);
  }

  /** Begins again with nothing. */
  function restart(): void {
    next?.stop();
    next = undefined;
    pages.stop();
    pages = make();
    stale.value = false;
    version.value += 1;
    fetchSeen();
  }

  /** Begins again and shows the old rows until new ones come. */
  function renew(): void {
    next?.stop();
    next = make();
    stale.value = false;
    fetchSeen();
  }

  /** Some items have changed. Without a filter rows keep their numbers; under one they may move, so below the first screen it only says so. */
  function changed(): void {
    if (isOpen(toValue(filter))) void pages.refresh();
    else if (seen[0] === 0) renew();
    else stale.value = true;
  }

  function retry(): void {
    for (const list of [pages, next]) list?.retry();
  }

  const state = computed(() => {
    void version.value;
    const { known, complete } = pages;
    const error = pages.error ?? next?.error;
    const walking = !complete && error === undefined && seen[0] >= known && known > 0;
    const count = complete ? known : Math.max(toValue(expected) ?? known + AHEAD, known + 1);
    return { known, complete, error, count, walking, sure: complete || toValue(expected) !== undefined };
  });

  watch([() => toValue(id), () => JSON.stringify(toValue(filter))], () => {
    seen = [0, 1];
    restart();
  });
  watch(
    () => [toValue(dense), toValue(expected) ?? 0] as const,
    ([known, total]) => pages.grow(known, total),
  );
  onScopeDispose(() => {
    clearTimeout(later);
    pages.stop();
    next?.stop();
  });
  look(0, 1);

  return { version, state, stale, look, restart, renew, changed, row: (index: number) => pages.row(index), retry };
}
