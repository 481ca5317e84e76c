import { computed, shallowReactive, toValue, watchEffect, type ComputedRef, type MaybeRefOrGetter } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Problem, ProblemId } from '@/api';
import { ApiError, messageOf } from './api-error';

/** What is said of a kind of problem: the same every time. */
export interface ProblemWords {
  title: string;
  /** What to do about it. */
  next: string;
}
type Words = Record<ProblemId, ProblemWords>;

/** English is what the API says itself. */
const load: Record<string, (() => Promise<{ default: Words }>) | undefined> = {
  fr: () => import('../locales/problems.fr'),
};
const loaded = shallowReactive<Record<string, Words>>({});

/** Loads the words of a language; none where it has none, or they cannot be had now. */
async function wordsOf(language: string): Promise<Words | undefined> {
  const words = loaded[language] ?? (await load[language]?.().catch(() => undefined))?.default;
  if (words) loaded[language] = words;
  return words;
}

/** What a problem says to the reader: in their language where we have the words, else (with `lang`) in the API's English. */
export function useProblemWords(problem: MaybeRefOrGetter<Problem | undefined>): ComputedRef<(ProblemWords & { lang?: 'en' }) | undefined> {
  const { locale } = useI18n();
  watchEffect(() => void (toValue(problem) && wordsOf(locale.value)));
  return computed(() => {
    const known = toValue(problem);
    if (!known) return undefined;
    // An id of a newer server has no words here.
    const words: ProblemWords | undefined = loaded[locale.value]?.[known.id];
    return words ?? { title: known.title, next: known.next_step, ...(locale.value === 'en' ? {} : { lang: 'en' }) };
  });
}

/** What to say of a failed call in one line: in the reader's language, with what the server says of this time. */
export function useErrorLine(): (error: unknown) => Promise<string> {
  const { t, locale } = useI18n();
  return async (error) => {
    if (!(error instanceof ApiError)) return messageOf(error);
    if (!error.problem) return t('ui.unreachable.title');
    const words: ProblemWords | undefined = (await wordsOf(locale.value))?.[error.problem.id];
    return words ? `${words.title} (${error.problem.detail})` : error.problem.detail;
  };
}
