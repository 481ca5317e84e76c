import type { RouteRecordRaw } from 'vue-router';

/** Routes of this feature. What becomes of a bulk submission is shown on its own page. */
export const bulkRoutes: RouteRecordRaw[] = [
  { path: '/bulk', name: 'bulk', component: () => import('./pages/BulkPage.vue'), meta: { title: 'bulk.title' } },
  {
    path: '/bulk/:submissionId(\\d+)',
    name: 'bulk-result',
    redirect: ({ params }) => ({ name: 'submission', params }),
    meta: { title: 'bulk.title' },
  },
];
