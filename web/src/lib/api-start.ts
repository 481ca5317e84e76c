import { client } from '@/api/client.gen';
import { toApiError } from './api-error';

// Imported once, by `main.ts` and by the tests: from then on each generated call fails with an `ApiError`.
client.interceptors.error.use((error, response) => toApiError(error, response?.status, response?.headers.get('x-request-id') ?? undefined));
