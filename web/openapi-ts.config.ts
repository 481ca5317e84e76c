import { defineConfig } from '@hey-api/openapi-ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document, before anything is known of it
type Json = Record<string, any>;

/** Validators would turn 64-bit numbers into bigint while the types say number; all of ours are below 2^53. */
function dropInt64(node: unknown): void {
  if (!node || typeof node !== 'object') return;
  const object = node as Json;
  if (object['format'] === 'int64') delete object['format'];
  Object.values(object).forEach(dropInt64);
}

export default defineConfig({
  input: '../openapi/openapi.json',
  parser: {
    patch: {
      input: (document: Json) => dropInt64(document),
    },
    // A stream is no query: the options generated for it do not compile.
    hooks: { operations: { isQuery: (operation) => (operation.id === 'streamSubmissionEvents' ? false : undefined) } },
  },
  output: { path: process.env['OPENAPI_TS_OUTPUT'] ?? 'src/api', clean: true },
  plugins: [
    { name: '@hey-api/client-fetch', runtimeConfigPath: '../lib/api-runtime' },
    '@hey-api/typescript',
    '@hey-api/sdk',
    '@tanstack/vue-query',
    { name: 'valibot', requests: true, responses: false, definitions: true },
  ],
});
