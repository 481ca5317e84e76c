import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ItemState, Stance } from '@/api';
import { itemStates, kinds, stances } from './item-filter';

/** All words and number formats of the table's rows, made once a language: thousands of rows a second are drawn while it scrolls. */
export interface RowWords {
  kind: (kind: string) => string;
  stance: Record<Stance, string>;
  state: Record<ItemState, string>;
  noVerdict: string;
  loading: string;
  count: (value: number) => string;
  percent: (of100: number) => string;
}

/** The words in the reader's language. */
export function useRowWords() {
  const { t, locale } = useI18n();
  return computed<RowWords>(() => {
    const numbers = new Intl.NumberFormat(locale.value);
    const percents = new Intl.NumberFormat(locale.value, { style: 'percent' });
    const percentWords = Array.from({ length: 101 }, (_, of100) => percents.format(of100 / 100));
    const words = <Name extends string>(names: readonly Name[], group: string) =>
      Object.fromEntries(names.map((name) => [name, t(`${group}.${name}`)])) as Record<Name, string>;
    const kindWords: Record<string, string> = words(kinds, 'kind');
    return {
      kind: (kind) => kindWords[kind] ?? kind,
      stance: words(stances, 'stance'),
      state: words(itemStates, 'itemState'),
      noVerdict: t('submissions.table.noVerdict'),
      loading: t('ui.loading'),
      count: (value) => numbers.format(value),
      percent: (of100) => percentWords[of100] ?? '',
    };
  });
}
