import { existsSync, readdirSync } from 'node:fs';
import { launch, newPage } from './browser.mjs';
import { embedded, production, startAll } from './serve.mjs';

// `AGGREGATOR_BINARY=… npm run e2e [name]`: each *.spec.mjs beside this file exports its journeys by name; a journey that throws fails.
// All of them against the embedded form, then against PostgreSQL and Redis where AGGREGATOR_TEST_POSTGRES_URL and
// AGGREGATOR_TEST_REDIS_URL name them (`make e2e` sees to that).
if (!existsSync(new URL('../dist/index.html', import.meta.url))) throw new Error('no dist: npm run build');
const wanted = process.argv[2] ?? '';
const folder = new URL('.', import.meta.url);
const browser = await launch();
let [passed, failed] = [0, 0];

async function journeyOn(stack, title, journey) {
  const begun = Date.now();
  const contexts = [];
  const open = async (options) => {
    const opened = await newPage(browser, stack.web, options);
    contexts.push(opened);
    return opened.page;
  };
  try {
    await journey({ ...stack, open });
    const faults = contexts.flatMap((context) => context.faults);
    if (faults.length > 0) throw new Error(faults.join('\n'));
    passed += 1;
    console.log(`ok   ${title} (${Date.now() - begun} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${title}\n${error.stack}`);
    await contexts.at(-1)?.page.screenshot({ path: new URL(`out/failed-${failed}.png`, folder).pathname });
    console.log(contexts.flatMap((context) => context.faults).join('\n'));
  }
  stack.sources.reset();
  for (const { context } of contexts) await context.close();
}

async function allOn(name, ground) {
  const stack = await startAll(ground);
  try {
    for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.spec.mjs'))) {
      const journeys = await import(new URL(file, folder));
      for (const [journey, run] of Object.entries(journeys)) {
        const title = `${name}: ${file.replace('.spec.mjs', '')}: ${journey}`;
        if (title.includes(wanted)) await journeyOn(stack, title, run);
      }
    }
  } finally {
    await stack.stop();
  }
}

try {
  await allOn('embedded', embedded);
  const ground = await production();
  if (ground) await allOn('production', ground);
  else console.log('!!! PostgreSQL and Redis are not named: the journeys ran against the embedded form alone');
} finally {
  await browser.close();
}
console.log(`${passed} journeys passed, ${failed} failed`);
if (passed + failed === 0) console.log(`FAIL: no journey is called so: ${wanted}`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
