import type { RouteRecordRaw } from 'vue-router';

/** Routes of this feature. */
export const feedsRoutes: RouteRecordRaw[] = [
  { path: '/feeds', name: 'feeds', component: () => import('./pages/FeedsPage.vue'), meta: { title: 'feeds.title' } },
];
