import type { RouteRecordRaw } from 'vue-router';

/** Routes of this feature. */
export const submissionsRoutes: RouteRecordRaw[] = [
  { path: '/submissions', name: 'submissions', component: () => import('./pages/SubmissionsPage.vue'), meta: { title: 'submissions.title' } },
  {
    path: '/submissions/:submissionId(\\d+)',
    name: 'submission',
    component: () => import('./pages/SubmissionPage.vue'),
    meta: { title: 'submissions.one' },
  },
];
