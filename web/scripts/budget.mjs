import { existsSync, readFileSync, statSync } from 'node:fs';

// `npm run budget`, after a build: what a browser fetches to show the first page, as it comes over the wire, and what must not be in it.

/** Bytes of the first view at most: the page, its styles, the entry, the router's first page, one language, and all they import. */
const BUDGET = 150_000;
/** Packages that only a page that draws them may load, by a word of their files' names. */
const ONLY_LAZY = ['uplot', 'sigma', 'graphology', 'codemirror', 'vue-sonner'];
/** What the first page at `/` loads by itself beside the entry. Short messages (vue-sonner) come with the first of them, or seconds later. */
const FIRST = 'src/features/lookup/pages/LookupPage.vue';
/** A first view has the words of one of these. */
const LANGUAGES = ['en', 'fr'];

const dist = new URL('../dist/', import.meta.url);
const read = (path) => readFileSync(new URL(path, dist), 'utf8');
if (!existsSync(new URL('.vite/manifest.json', dist))) throw new Error('no dist: npm run build');
const manifest = JSON.parse(read('.vite/manifest.json'));

/** A chunk and all it imports statically: keys of the manifest. */
function closure(keys, seen = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue;
    seen.add(key);
    const chunk = manifest[key];
    if (!chunk) throw new Error(`the manifest has no ${key}`);
    closure(chunk.imports ?? [], seen);
  }
  return seen;
}

/** Files of the first view in a language. */
function filesOf(language) {
  const files = new Set(['index.html', 'theme.js', 'icon.svg']);
  for (const key of closure(['index.html', FIRST, `src/app/locales/${language}.ts`])) {
    files.add(manifest[key].file);
    for (const css of manifest[key].css ?? []) files.add(css);
  }
  return files;
}

/** Bytes as sent: brotli where it lies beside, else gzip, else plain. */
function size(path) {
  const of = (ending) => statSync(new URL(path + ending, dist), { throwIfNoEntry: false })?.size;
  const plain = of('');
  if (plain === undefined) throw new Error(`dist has no ${path}`);
  return { path, plain, gz: of('.gz') ?? plain, br: of('.br') ?? of('.gz') ?? plain };
}

/** What is for lazy chunks and stands in this file nevertheless. */
function misplaced(path) {
  const sources = path.endsWith('.js') && existsSync(new URL(`${path}.map`, dist)) ? JSON.parse(read(`${path}.map`)).sources.join('\n') : '';
  return ONLY_LAZY.filter((word) => path.toLowerCase().includes(word) || sources.toLowerCase().includes(`node_modules/${word}`) || sources.includes(`/@${word}/`));
}

const faults = new Set();
/** What stands in the list: the second language shares nearly all of it. */
const told = new Set();
const print = (path, { plain, gz, br }) => console.log(`${path.padEnd(48)} ${String(plain).padStart(9)} ${String(gz).padStart(9)} ${String(br).padStart(9)}`);
for (const language of LANGUAGES) {
  const rows = [...filesOf(language)].map(size).toSorted((a, b) => b.br - a.br);
  const total = (of) => rows.reduce((sum, row) => sum + row[of], 0);
  console.log(`${`first view, ${language}`.padEnd(48)} ${'plain'.padStart(9)} ${'gzip'.padStart(9)} ${'brotli'.padStart(9)}`);
  for (const row of rows) if (!told.has(row.path)) print(row.path, row);
  for (const { path } of rows) told.add(path);
  const sums = { plain: total('plain'), gz: total('gz'), br: total('br') };
  print(`total, at most ${BUDGET}`, sums);
  if (rows.some((row) => row.plain > 1024 && /\.(js|css|html)$/.test(row.path) && row.br === row.plain)) faults.add('not compressed: npm run build runs scripts/compress.mjs');
  // Browsers take brotli over HTTPS and from this machine; over plain HTTP elsewhere they get gzip.
  for (const [form, of] of [['brotli', 'br'], ['gzip', 'gz']]) {
    if (sums[of] > BUDGET) faults.add(`the first view in ${language} is ${sums[of]} bytes as ${form}, ${BUDGET} are allowed`);
  }
  for (const { path } of rows) for (const word of misplaced(path)) faults.add(`${path} holds ${word}, which is for lazy chunks`);
}
for (const fault of faults) console.error(`FAIL ${fault}`);
if (faults.size > 0) process.exit(1);
