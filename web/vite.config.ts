import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';
import type { ProxyOptions } from 'vite';
import { compiledMessages } from './messages.ts';
import { contentSecurityPolicy } from './policy.ts';

/** Where the API listens while `npm run dev` or `npm run preview` serves the app. */
const api = process.env['AGGREGATOR_API'] ?? 'http://127.0.0.1:8080';

/** The API refuses changes from a foreign origin, so a proxied request names the API's own. */
const toApi: ProxyOptions = {
  target: api,
  changeOrigin: true,
  configure: (proxy) => {
    proxy.on('proxyReq', (request) => {
      if (request.getHeader('origin')) request.setHeader('origin', api);
    });
  },
};
const proxy = { '/api': toApi, '/livez': toApi, '/readyz': toApi };

export default defineConfig({
  plugins: [compiledMessages(), vue(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { __VUE_OPTIONS_API__: false, __VUE_I18N_LEGACY_API__: false, __VUE_I18N_FULL_INSTALL__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  server: { proxy },
  preview: { proxy, headers: { 'Content-Security-Policy': contentSecurityPolicy } },
  build: { target: 'es2022', manifest: true, sourcemap: 'hidden', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'http://app.test/' } },
    setupFiles: ['src/mocks/setup.ts'],
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 20_000,
  },
});
