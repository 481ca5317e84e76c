import type { CreateClientConfig } from '@/api/client.gen';

/** How the generated client talks: same origin, with a header that a foreign page cannot set. */
export const createClientConfig: CreateClientConfig = (config) => ({
  ...config,
  baseUrl: '' as never,
  credentials: 'same-origin',
  headers: { 'X-Requested-With': 'web' },
});
