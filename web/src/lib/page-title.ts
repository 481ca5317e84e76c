import { computed, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRoute } from 'vue-router';
import type { Submission } from '@/api';
import { formatPercent } from './format';

/**
 * Titles the page after the submission it shows, with how far it is while it runs: among many tabs one finds it, and sees when it is
 * done. As long as there is no name the route's title stands.
 */
export function usePageTitle(name: () => string | undefined, submission: () => Submission | undefined): void {
  const { t, locale } = useI18n();
  const route = useRoute();
  const title = computed(() => {
    const named = name();
    if (!named) return undefined;
    const { state, done, cancelled, total } = submission() ?? { state: undefined, done: 0, cancelled: 0, total: 0 };
    const runs = total > 0 && (state === 'running' || state === 'receiving');
    const share = runs ? [formatPercent(Math.floor((100 * (done + cancelled)) / total), locale.value)] : [];
    return [...share, named, t('app.name')].join(' · ');
  });
  // Whoever titles routes does so when the address changes.
  watch(
    [title, () => route.fullPath],
    ([now]) => {
      if (now) document.title = now;
    },
    { immediate: true, flush: 'post' },
  );
}
