import { watchDebounced } from '@vueuse/core';
import { onScopeDispose, ref, shallowRef, type Ref } from 'vue';
import { detectValue, extractIndicators, type ParsedIndicator, type Reject } from '@/api';
import { kindOf } from '@/lib/kind-name';

/** An indicator as it was written and as it will be asked. */
export interface Recognised {
  raw: string;
  indicator: ParsedIndicator;
}

/** What stands in the box: the distinct indicators, or why a single value is none. */
export interface Extraction {
  text: string;
  found: Recognised[];
  /** How the box is to be sent: as prose, or as one value where only that reading finds it. */
  mode: 'prose' | 'lines';
  problem?: { reason: Reject } | { kinds: string[] };
}

/** Above this the text belongs into a bulk submission. */
export const LARGEST_TEXT = 400_000;

/** Reads the box while it is typed in: a moment after the last key, the request before it aborted. */
export function useExtraction(text: Ref<string>) {
  const result = shallowRef<Extraction>();
  const pending = ref(false);
  const error = shallowRef<unknown>();
  let running: AbortController | undefined;
  let gone = false; // the debounced call may come after the box

  async function run(value: string): Promise<void> {
    if (gone) return;
    running?.abort();
    const own = new AbortController();
    running = own;
    error.value = undefined;
    pending.value = false;
    if (value.trim() === '' || value.length > LARGEST_TEXT) {
      result.value = undefined;
      return;
    }
    pending.value = true;
    try {
      const extraction = await extract(value, own.signal);
      if (running === own) result.value = extraction;
    } catch (thrown) {
      if (running === own && !own.signal.aborted) error.value = thrown;
    } finally {
      if (running === own) pending.value = false;
    }
  }

  watchDebounced(text, run, { debounce: 200, immediate: true });
  onScopeDispose(() => {
    gone = true;
    running?.abort();
  });
  return { result, pending, error, retry: () => run(text.value) };
}

/** The distinct indicators of a text; a lone value that is not found in prose is asked about by itself. */
export async function extract(text: string, signal?: AbortSignal): Promise<Extraction> {
  const options = { throwOnError: true as const, ...(signal ? { signal } : {}) };
  const { data } = await extractIndicators({ body: { text }, ...options });
  if (data.indicators.length > 0) {
    const distinct = new Map(data.indicators.toReversed().map(({ raw, indicator }) => [indicator.id, { raw, indicator }]));
    return { text, found: [...distinct.values()].toReversed(), mode: 'prose' };
  }
  const value = text.trim();
  if (value.includes('\n')) return { text, found: [], mode: 'prose' };
  const { data: one } = await detectValue({ query: { value }, ...options });
  switch (one.detection.result) {
    case 'detected':
      return { text, found: [{ raw: value, indicator: one.detection.indicator }], mode: 'lines' };
    case 'ambiguous':
      return { text, found: [], mode: 'lines', problem: { kinds: one.detection.candidates.map(kindOf) } };
    case 'rejected':
      return { text, found: [], mode: 'lines', problem: { reason: one.detection.reason } };
  }
}
