import '@/lib/api-start';
import { config } from '@vue/test-utils';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { i18n, speak } from '@/app/i18n';
import { server } from './server';

beforeAll(async () => {
  server.listen({ onUnhandledRequest: 'error' });
  await speak('en');
  config.global.plugins = [i18n];
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());
