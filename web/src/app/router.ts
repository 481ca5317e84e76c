import { createRouter, createWebHistory, type Router, type RouterHistory } from 'vue-router';
import { bulkRoutes } from '@/features/bulk/routes';
import { feedsRoutes } from '@/features/feeds/routes';
import { lookupRoutes } from '@/features/lookup/routes';
import { queuesRoutes } from '@/features/queues/routes';
import { sourcesRoutes } from '@/features/sources/routes';
import { submissionsRoutes } from '@/features/submissions/routes';
import { keepTitle } from './title';

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title. */
    title: string;
  }
}

/** All routes: each feature brings its own, each page is a chunk of its own. */
export function createAppRouter(history: RouterHistory = createWebHistory()): Router {
  const router = createRouter({
    history,
    // A drawer, a filter and a hash change the address of the page one reads: it stays where it is. Another page begins at its top.
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
    routes: [
      ...lookupRoutes,
      ...bulkRoutes,
      ...submissionsRoutes,
      ...queuesRoutes,
      ...sourcesRoutes,
      ...feedsRoutes,
      { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue'), meta: { title: 'app.notFound.title' } },
    ],
  });
  keepTitle(router);
  return router;
}
