import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** All files under a folder with their text, by relative path. */
function files(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length), readFileSync(path, 'utf8')];
    }),
  );
}

it('the committed client is what the document generates: run `npm run gen` and commit', { timeout: 120_000 }, () => {
  // Beside the committed one: the generator writes the path to `lib/api-runtime` relative to where it puts the client.
  const fresh = mkdtempSync('src/.api-');
  try {
    execFileSync('node_modules/.bin/openapi-ts', { env: { ...process.env, OPENAPI_TS_OUTPUT: fresh }, stdio: 'pipe' });
    const [made, committed] = [files(fresh), files('src/api')];
    expect(Object.keys(made).toSorted()).toEqual(Object.keys(committed).toSorted());
    for (const path of Object.keys(made)) expect(made[path] === committed[path], `${path} differs`).toBe(true);
  } finally {
    rmSync(fresh, { recursive: true });
  }
});
