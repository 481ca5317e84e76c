import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const out = new URL('./out/', import.meta.url).pathname;
mkdirSync(out, { recursive: true });

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const isForDocs = process.env.E2E_DOCS === '1';

/** Debian's Chromium; a context of its own (an empty profile) for each test. */
export function launch() {
  return chromium.launch({ executablePath, args: flags });
}

/** A page that collects what must not happen: script errors, policy violations, requests to others. `expected` is what a journey makes happen. */
export async function newPage(browser, web, { dark = false, mobile = false, language = 'en-GB', expected = undefined } = {}) {
  const context = await browser.newContext({
    baseURL: web,
    locale: language,
    colorScheme: dark ? 'dark' : 'light',
    viewport: mobile ? { width: 390, height: 844 } : { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    ...(isForDocs ? { deviceScaleFactor: 0.75 } : {}), // narrower, so that they stay small
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: web });
  const page = await context.newPage();
  const faults = [];
  const fault = (text) => !expected?.test(text) && faults.push(text);
  page.on('pageerror', (error) => fault(`error: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d|net::ERR_(FAILED|INTERNET_DISCONNECTED)/.test(message.text()) && fault(`console: ${message.text()}`));
  page.on('request', (request) => !request.url().startsWith(web) && !request.url().startsWith('data:') && fault(`request to ${request.url()}`));
  return { page, context, faults };
}

/** All violations axe finds on the page as it stands. */
async function violations(page) {
  // Through the debugger: the page's own policy forbids foreign scripts.
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`).join(' | ')}`);
}

/** Shows a theme: by what the machine prefers, and by what was chosen in the app where something was. */
async function showTheme(page, theme, chosen) {
  await page.emulateMedia({ colorScheme: theme });
  if (chosen) await chooseTheme(page, theme);
  await page.waitForFunction((dark) => document.documentElement.classList.contains('dark') === dark, theme === 'dark');
}

/** As another tab would: the app hears of it. */
function chooseTheme(page, theme) {
  return page.evaluate((newValue) => {
    localStorage.setItem('theme', newValue);
    globalThis.dispatchEvent(new StorageEvent('storage', { key: 'theme', newValue, storageArea: localStorage }));
  }, theme);
}

/** Nothing is wrong with the page as it stands, in the light and in the dark. What was preferred and chosen before is so again. */
export async function accessible(page, where) {
  const { preferred, chosen } = await page.evaluate(() => {
    const stored = localStorage.getItem('theme');
    return {
      preferred: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
      chosen: stored === 'light' || stored === 'dark' ? stored : undefined,
    };
  });
  const was = chosen ?? preferred;
  for (const theme of [was === 'dark' ? 'light' : 'dark', was]) {
    await showTheme(page, theme, chosen);
    assert.deepEqual(await violations(page), [], `${where}, ${theme}`);
  }
  await page.emulateMedia({ colorScheme: preferred });
}

/** Pictures of the documentation, by the name a journey gives them. */
const documented = { recognised: 'lookup-recognised', 'two-results': 'lookup-results', 'one-result': 'lookup-answer', 'submission-light': 'submission', queues: 'queues' };
const docs = new URL('../../docs/img/', import.meta.url).pathname;

/** A picture to be looked at, not only compared. With E2E_DOCS=1 those of the documentation are written, too. */
export async function shoot(page, name) {
  const picture = await page.screenshot({ path: `${out}${name}.png`, fullPage: true });
  if (isForDocs && name in documented) writeFileSync(`${docs}${documented[name]}.png`, picture);
}
