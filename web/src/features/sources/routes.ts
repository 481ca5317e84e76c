import type { RouteRecordRaw } from 'vue-router';

/** Routes of this feature. */
export const sourcesRoutes: RouteRecordRaw[] = [
  { path: '/sources', name: 'sources', component: () => import('./pages/SourcesPage.vue'), meta: { title: 'sources.title' } },
];
