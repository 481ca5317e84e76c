import { readFileSync } from 'node:fs';
import { launch, newPage } from '../e2e/browser.mjs';
import { startAll } from '../e2e/serve.mjs';
import { heapOf, megabytes } from './heap.mjs';

// `AGGREGATOR_BINARY=… npm run perf:table [list]`: a table over 353,172 items, scrolled in four ways. Fails below 55 frames a second or
// above 60 MB of growth. The list is TSV, its last column the value; repeated lines are made up for, so that there are as many items.
const DATA = process.env.AGGREGATOR_TEST_DATA ?? new URL('../../../shared/data', import.meta.url).pathname;
const LIST = process.argv[2] ?? `${DATA}/bulk/mixed-shared.tsv`;
const ITEMS = 353_172;

async function submit(api, values) {
  const response = await fetch(`${api}/api/v1/submissions?label=table`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: values.join('\n') });
  if (!response.ok) throw new Error(await response.text());
  const { id } = await response.json();
  for (;;) {
    const submission = await (await fetch(`${api}/api/v1/submissions/${id}`)).json();
    if (submission.state === 'done') return submission;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Scrolls by so many pixels a frame for a while; counts frames and the longest one, and rows that came too late to be seen. */
function scroll(page, pixels, milliseconds) {
  return page.evaluate(
    ([step, length]) =>
      new Promise((resolve) => {
        const grid = document.querySelector('[role=grid]');
        const begun = performance.now();
        let [frames, last, longest, grey, rows] = [0, begun, 0, 0, 0];
        const frame = (now) => {
          longest = Math.max(longest, now - last);
          last = now;
          frames += 1;
          if (frames % 10 === 0) {
            grey += grid.querySelectorAll('[aria-busy]').length;
            rows += grid.querySelectorAll('[role=row]').length - 1;
          }
          if (now - begun > length) resolve({ perSecond: (frames * 1000) / (now - begun), longest, grey: (grey / rows) * 100 });
          else {
            grid.scrollTop += step;
            requestAnimationFrame(frame);
          }
        };
        requestAnimationFrame(frame);
      }),
    [pixels, milliseconds],
  );
}

const settled = (page) => page.waitForFunction(() => document.querySelectorAll('[role=grid] [role=row]').length > 1 && !document.querySelector('[role=grid] [aria-busy]'), undefined, { timeout: 180_000 });

const values = readFileSync(LIST, 'utf8').trim().split('\n').map((line) => line.split('\t').at(-1));
const stack = await startAll();
const browser = await launch();
let failed = false;
try {
  const first = await submit(stack.api, values);
  const missing = Math.max(0, ITEMS - first.total);
  const submission = await submit(stack.api, [...values, ...Array.from({ length: missing }, (_, index) => `${index}.filler.example.com`)]);
  console.log(`${submission.total} items (${missing} made up for repeated lines)`);
  const { page } = await newPage(browser, stack.web);
  const heap = await heapOf(page);
  await page.goto(`/submissions/${submission.id}`);
  await settled(page);
  const before = await heap();
  let most = before;
  const ways = [['slowly, 40 px a frame', 40, 8000], ['as a wheel spun, 240 px', 240, 8000], ['fast, 1200 px', 1200, 8000], ['as the bar is dragged, 6000 px', 6000, 8000]];
  for (const [name, pixels, length] of ways) {
    const { perSecond, longest, grey } = await scroll(page, pixels, length);
    const now = await heap();
    most = Math.max(most, now);
    failed ||= perSecond < 55;
    console.log(`${name}: ${perSecond.toFixed(1)} frames/s, longest ${longest.toFixed(0)} ms, ${grey.toFixed(0)}% of rows grey, heap +${megabytes(now - before)}`);
    await settled(page);
  }
  const begun = Date.now();
  await page.locator('[role=grid]').press('End');
  await page.locator(`[role=row][aria-rowindex="${submission.total + 1}"]:not([aria-busy])`).waitFor({ timeout: 180_000 });
  console.log(`to the end: ${((Date.now() - begun) / 1000).toFixed(1)} s; last row: ${await page.locator('[role=row][aria-selected=true]').innerText().then((text) => text.replace(/\s+/g, ' '))}`);
  const back = await scroll(page, -6000, 8000);
  await settled(page);
  const after = await heap();
  most = Math.max(most, after);
  failed ||= back.perSecond < 55 || most - before > 60e6;
  console.log(`back from the end: ${back.perSecond.toFixed(1)} frames/s, longest ${back.longest.toFixed(0)} ms`);
  console.log(`heap: ${megabytes(before)} before, ${megabytes(after)} after all, most ${megabytes(most)} (+${megabytes(most - before)})`);
} finally {
  await browser.close();
  await stack.stop();
}
console.log(failed ? 'FAIL: below 55 frames/s, or more than 60 MB' : 'ok');
process.exit(failed ? 1 : 0);
