import { baseCompile } from '@intlify/message-compiler';
import type { Plugin } from 'vite';

/** Where in a text something stands: for a compiler's messages, not for a browser. */
const PLACES = new Set(['start', 'end', 'loc', 'source']);

function onError(error: Error): never {
  throw error;
}

/** A tree of texts, each as the syntax tree that vue-i18n formats. */
function compile(messages: unknown): unknown {
  if (typeof messages !== 'string') return Object.fromEntries(Object.entries(messages as object).map(([key, value]) => [key, compile(value)]));
  const { ast } = baseCompile(messages, { jit: true, minify: true, location: false, onError });
  return JSON.parse(JSON.stringify(ast, (key, value: unknown) => (PLACES.has(key) ? undefined : value)));
}

/** Compiles the locales while the app is built, so that the compiler (17 kB) is not sent along. Development and tests keep the texts. */
export function compiledMessages(): Plugin {
  return {
    name: 'compiled-messages',
    apply: 'build',
    enforce: 'pre',
    config: () => ({ define: { __INTLIFY_DROP_MESSAGE_COMPILER__: true } }),
    transform: (code, id) => (/\/locales\/\w+\.json$/.test(id) ? { code: JSON.stringify(compile(JSON.parse(code))), map: null } : undefined),
  };
}
