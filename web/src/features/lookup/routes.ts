import type { RouteRecordRaw } from 'vue-router';

/** Routes of this feature. */
export const lookupRoutes: RouteRecordRaw[] = [
  { path: '/', name: 'lookup', component: () => import('./pages/LookupPage.vue'), meta: { title: 'lookup.title' } },
  {
    path: '/lookup/:submissionId(\\d+)',
    name: 'lookup-result',
    component: () => import('./pages/LookupPage.vue'),
    meta: { title: 'lookup.title' },
  },
];
