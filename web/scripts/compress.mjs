import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// After `vite build`: beside each file of dist that shrinks, the same as brotli and gzip. The API sends whichever the client takes.

const dist = new URL('../dist/', import.meta.url).pathname;
/** What shrinks; pictures and fonts are compressed already. Maps are for people with the tools open: not worth the time. */
const COMPRESSIBLE = /\.(html|js|css|svg|json|txt|webmanifest)$/;
/** Below this, a header costs more than is won. */
const MIN_BYTES = 1024;

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

async function compress(path) {
  const plain = readFileSync(path);
  const forms = {
    br: await toBrotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
    gz: await toGzip(plain, { level: 9 }),
  };
  for (const [ending, bytes] of Object.entries(forms)) {
    if (bytes.length < plain.length) writeFileSync(`${path}.${ending}`, bytes);
  }
  return { plain: plain.length, br: forms.br.length };
}

const paths = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .filter((path) => COMPRESSIBLE.test(path) && !path.startsWith('.'))
  .map((path) => join(dist, path))
  .filter((path) => statSync(path).size > MIN_BYTES);
const sizes = await Promise.all(paths.map(compress));
const sum = (of) => sizes.reduce((total, size) => total + size[of], 0);
console.log(`compressed ${sizes.length} files: ${sum('plain')} bytes, as brotli ${sum('br')}`);
