import { QueryClient } from '@tanstack/vue-query';
import { ApiError } from '@/lib/api-error';

declare module '@tanstack/vue-query' {
  interface Register {
    defaultError: ApiError;
  }
}

/** The server's state lives here alone. What may pass by itself is asked again twice; what was refused is not. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        networkMode: 'always',
        // Off by default where the network mode is 'always'; the banner promises that what failed goes on once online.
        refetchOnReconnect: true,
        retry: (failures, error) => failures < 2 && !(error instanceof ApiError && !error.passing),
      },
      mutations: { retry: 0, networkMode: 'always' },
    },
  });
}
