import { watchDebounced } from '@vueuse/core';
import { computed, onScopeDispose, reactive, ref, shallowRef, watch } from 'vue';
import { previewSample, type Preview, type Reading } from './preview';
import { countLines, guessFormat, takeSample, type BulkSource } from './source';

/** What was chosen to be sent: its preview and its size, both read without taking it into the page. */
export function useBulkSource() {
  const source = shallowRef<BulkSource>();
  const reading = reactive<Reading>({ format: 'lines', column: 0, field: '' });
  /** Counts the sources: two may have the same name. */
  const choice = ref(0);
  const preview = shallowRef<Preview>();
  /** The reading the preview is of. */
  const previewed = shallowRef<string>();
  const error = shallowRef<unknown>();
  const lines = ref(0);
  const counted = ref(false);
  const sample = shallowRef<string>();
  const current = computed(() => previewed.value === JSON.stringify(reading));
  /** True once it is known how it will be read: its format, and of a table the column. */
  const ready = computed(() => sample.value !== undefined && (current.value || (reading.format !== 'csv' && reading.format !== 'tsv')));
  let counting: AbortController | undefined;
  let looking: AbortController | undefined;

  async function choose(next: BulkSource | undefined): Promise<void> {
    counting?.abort();
    looking?.abort();
    looking = undefined;
    const own = new AbortController();
    counting = own;
    preview.value = undefined;
    previewed.value = undefined;
    error.value = undefined;
    lines.value = 0;
    counted.value = false;
    source.value = next;
    choice.value += 1;
    sample.value = undefined;
    if (!next) return;
    try {
      const head = await takeSample(next.blob);
      if (own.signal.aborted) return;
      Object.assign(reading, { format: guessFormat(next.name, head), column: 0, field: '' });
      sample.value = head;
      lines.value = await countLines(next.blob, own.signal, (count) => (lines.value = count));
      counted.value = true;
    } catch (thrown) {
      if (!own.signal.aborted) error.value = thrown;
    }
  }

  /** Asks what the sample holds, as it is to be read now. */
  async function look(): Promise<void> {
    looking?.abort();
    if (sample.value === undefined) return;
    const own = new AbortController();
    looking = own;
    error.value = undefined;
    const of = JSON.stringify(reading);
    try {
      const found = await previewSample(sample.value, { ...reading }, own.signal);
      if (looking !== own) return;
      preview.value = found;
      previewed.value = of;
    } catch (thrown) {
      if (looking === own && !own.signal.aborted) error.value = thrown;
    }
  }

  const read = (change: Partial<Reading>) => void Object.assign(reading, change);
  watch([sample, () => reading.format, () => reading.column], look);
  watchDebounced(() => reading.field, () => !current.value && look(), { debounce: 400 });
  onScopeDispose(() => {
    counting?.abort();
    looking?.abort();
  });
  return { source, choice, ready, reading, preview, error, lines, counted, choose, look, read };
}
