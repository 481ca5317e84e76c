import { watch } from 'vue';
import type { Router } from 'vue-router';
import { i18n } from './i18n';

/**
 * Keeps the document's title that of the route, in the language spoken. A page may set one of its own, which says more: it stands
 * until another page comes.
 */
export function keepTitle(router: Router): void {
  let written: string | undefined;
  const write = () => {
    const { title } = router.currentRoute.value.meta;
    if (!title) return;
    written = `${i18n.global.t(title)} · ${i18n.global.t('app.name')}`;
    document.title = written;
  };
  router.afterEach((to, from, failure) => {
    if (!failure && (to.path !== from.path || written === undefined)) write();
  });
  watch(i18n.global.locale, () => {
    if (document.title === written) write();
  });
}
