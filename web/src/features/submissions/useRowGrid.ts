import { useVirtualizer } from '@tanstack/vue-virtual';
import { useElementSize } from '@vueuse/core';
import { computed, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue';

/** Height of a row in pixels; the class `h-9` of the rows says the same. */
export const ROW_HEIGHT = 36;
/** Firefox caps an element near 17.9 million pixels: a taller table scrolls several of its pixels for one of the bar's. */
const TALLEST = 15_000_000;

/** A virtual list of rows of one height with a row that has the keyboard. */
export function useRowGrid(element: Ref<HTMLElement | null>, count: MaybeRefOrGetter<number>) {
  const active = ref(0);
  const { height: boxHeight } = useElementSize(element);
  /** Height of what is seen of the rows, under the header. */
  const view = computed(() => Math.max(ROW_HEIGHT, boxHeight.value - ROW_HEIGHT));
  const height = computed(() => Math.min(TALLEST, toValue(count) * ROW_HEIGHT));
  /** Pixels of the rows for one of the bar's: both reach their ends together. */
  const scale = computed(() => (height.value < TALLEST ? 1 : (toValue(count) * ROW_HEIGHT - view.value) / (height.value - view.value)));

  const virtualizer = useVirtualizer(
    computed(() => ({
      count: toValue(count),
      getScrollElement: () => element.value,
      estimateSize: () => ROW_HEIGHT,
      overscan: 8,
      observeElementOffset: (_instance: unknown, tell: (offset: number, scrolling: boolean) => void) => {
        const box = element.value;
        if (!box) return undefined;
        const listen = () => tell(box.scrollTop * scale.value, false);
        listen();
        box.addEventListener('scroll', listen, { passive: true });
        return () => box.removeEventListener('scroll', listen);
      },
      scrollToFn: (offset: number) => {
        if (element.value) element.value.scrollTop = offset / scale.value;
      },
    })),
  );

  const rows = computed(() => virtualizer.value.getVirtualItems());
  let most = 0;
  /** Rows to draw, always as many, each in a slot taken by turns: scrolling changes the text of rows and makes no new ones. */
  const slots = computed(() => {
    most = Math.max(most, rows.value.length);
    const length = Math.min(most, toValue(count));
    const from = Math.min(rows.value[0]?.index ?? 0, toValue(count) - length);
    return Array.from({ length }, (_, offset) => ({ index: from + offset, slot: (from + offset) % length }));
  });
  /** Where the first row stands: measured from the bar's place, so that scaled tables stay under it. */
  const top = computed(() => {
    const first = (slots.value[0]?.index ?? 0) * ROW_HEIGHT;
    const offset = virtualizer.value.scrollOffset ?? 0;
    return scale.value === 1 ? first : offset / scale.value + first - offset;
  });
  const inView = computed<[number, number]>(() => [rows.value[0]?.index ?? 0, (rows.value.at(-1)?.index ?? -1) + 1]);

  /** Scrolls as little as shows the whole row. */
  function reveal(index: number): void {
    const box = element.value;
    if (!box) return;
    const offset = box.scrollTop * scale.value;
    const start = index * ROW_HEIGHT;
    if (start < offset) box.scrollTop = start / scale.value;
    else if (start + ROW_HEIGHT > offset + view.value) box.scrollTop = (start + ROW_HEIGHT - view.value) / scale.value;
  }

  function go(index: number): void {
    const last = toValue(count) - 1;
    if (last < 0) return;
    active.value = Math.min(last, Math.max(0, index));
    reveal(active.value);
  }

  /** Moves with the arrows, j and k, a page, or to an end; tells whether the key was one of its own. */
  function onKey({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    if (altKey || metaKey || (ctrlKey && key !== 'Home' && key !== 'End')) return false;
    const page = Math.max(1, Math.floor(view.value / ROW_HEIGHT) - 1);
    const to: Record<string, number> = {
      ArrowDown: active.value + 1,
      j: active.value + 1,
      ArrowUp: active.value - 1,
      k: active.value - 1,
      PageDown: active.value + page,
      PageUp: active.value - page,
      Home: 0,
      End: Infinity,
    };
    const target = to[key];
    if (target === undefined) return false;
    go(target);
    return true;
  }

  watch(
    () => toValue(count),
    (now) => (active.value = Math.min(active.value, Math.max(0, now - 1))),
  );

  return { slots, height, top, inView, active, go, onKey };
}
