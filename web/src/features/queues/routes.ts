import type { RouteRecordRaw } from 'vue-router';

/** Routes of this feature. */
export const queuesRoutes: RouteRecordRaw[] = [
  { path: '/queues', name: 'queues', component: () => import('./pages/QueuesPage.vue'), meta: { title: 'queues.title' } },
];
