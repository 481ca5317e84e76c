import { launch, newPage } from '../e2e/browser.mjs';
import { call, startAll } from '../e2e/serve.mjs';
import { heapOf, megabytes } from './heap.mjs';

// `AGGREGATOR_BINARY=… npm run perf:stream [minutes]`: follows a submission whose sources answer slowly, its table and its progress in
// view, and prints the heap (after a collection) as it goes. Fails when it grew by more than 5 MB after the first half minute, and when the
// submission ended before the minutes did.
const minutes = Number(process.argv[2] ?? 10);
const MOST = 5e6;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const addresses = Array.from({ length: 10_000 }, (_, index) => `45.33.${index >> 8}.${index & 255}`);

const stack = await startAll();
const browser = await launch();
let failed = false;
try {
  const response = await call(`${stack.api}/api/v1/submissions?playbook=e2e&label=stream`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: addresses.join('\n') });
  const { id } = await response.json();
  const { page, faults } = await newPage(browser, stack.web);
  let streams = 0;
  page.on('request', (request) => request.url().includes('/events') && (streams += 1));
  const heap = await heapOf(page);
  await page.goto(`/submissions/${id}`);
  await page.locator('[data-progress]').waitFor();
  await wait(Math.min(30_000, minutes * 15_000));
  const before = await heap();
  console.log(`begin: ${megabytes(before)}; ${await page.locator('[data-progress]').innerText()}`);
  let now = before;
  const end = Date.now() + minutes * 60_000;
  while (Date.now() < end) {
    await wait(Math.min(60_000, Math.max(0, end - Date.now())));
    now = await heap();
    const submission = await (await fetch(`${stack.api}/api/v1/submissions/${id}`)).json();
    console.log(`${megabytes(now)}; ${await page.locator('[data-progress]').innerText()}; the server says ${submission.done}, ${submission.state}`);
    if (submission.state !== 'running' && Date.now() < end) {
      faults.push(`ended ${((end - Date.now()) / 60_000).toFixed(1)} minutes too early: ${submission.state}`);
      break;
    }
  }
  failed = now - before > MOST || faults.length > 0;
  console.log(`heap: ${megabytes(before)} before, ${megabytes(now)} after (${now > before ? '+' : ''}${megabytes(now - before)}); ${streams} stream(s) opened`);
  if (faults.length > 0) console.log(faults.join('\n'));
} finally {
  await browser.close();
  await stack.stop();
}
console.log(failed ? 'FAIL: the heap grew, the page had errors, or the stream ended early' : 'ok');
process.exit(failed ? 1 : 0);
