import assert from 'node:assert/strict';
import { accessible, shoot } from './browser.mjs';

const focused = (page, selector) => page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);

/** Everything by keyboard: pages, the box, commands, help. */
export async function keyboard({ open }) {
  const page = await open();
  await page.goto('/queues');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('/');
  await page.waitForURL('**/');
  await focused(page, '[data-lookup-box]');
  await page.keyboard.type('?/g'); // letters, not commands
  assert.equal(await page.locator('[data-lookup-box]').inputValue(), '?/g');
  await page.keyboard.press('Tab');
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await accessible(page, 'keyboard help');
  await shoot(page, 'keyboard-help');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.waitForURL('**/submissions');
  await focused(page, '#content');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Commands' }).fill('198[.]18.0.1');
  await page.getByRole('option', { name: 'Look up “198[.]18.0.1”' }).waitFor();
  await accessible(page, 'palette');
  await shoot(page, 'palette');
  await page.keyboard.press('Enter');
  await page.getByText('1 indicator recognised').waitFor();
  await focused(page, '[data-lookup-box]');
  await page.keyboard.press('Control+k');
  await focused(page, '[role=combobox]');
  await page.keyboard.type('que');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/queues');
  await focused(page, '#content');
  await page.getByRole('status').getByText('Queues · Indicator Aggregator').waitFor();
}

/** The theme and the language are kept, and stand before the first paint. */
export async function themeAndLanguage({ open }) {
  const page = await open();
  await page.goto('/');
  await page.getByRole('button', { name: 'Theme: as the system' }).click();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
  await page.getByLabel('Language').selectOption('fr');
  await page.getByRole('heading', { name: 'Consulter' }).waitFor();
  // Without the app's own script only theme.js has run.
  await page.route('**/assets/*.js', (route) => route.abort());
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  assert.ok(await page.evaluate(() => document.documentElement.classList.contains('dark') && document.documentElement.lang === 'fr'));
  await page.unroute('**/assets/*.js');
  await page.goto('/');
  await page.getByRole('heading', { name: 'Consulter' }).waitFor();
  await accessible(page, 'dark, French');
  await shoot(page, 'dark-french');
}

/** A browser that keeps the storage shut shows the app all the same; what is chosen holds until the page is loaded again. */
export async function shutStorage({ open }) {
  const page = await open({ expected: /SecurityError|denied/ });
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'localStorage', {
      get: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
  });
  await page.goto('/');
  await page.getByLabel('Language').selectOption('fr');
  await page.getByRole('heading', { name: 'Consulter' }).waitFor();
  await page.getByRole('button', { name: 'Thème : comme le système' }).click();
  await page.getByRole('button', { name: 'Thème : clair' }).waitFor();
}

/** No connection: said, and taken back by itself. */
export async function offline({ open }) {
  const page = await open();
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.context().setOffline(true);
  await page.getByText('No connection').waitFor();
  await accessible(page, 'offline');
  await shoot(page, 'offline');
  await page.context().setOffline(false);
  await page.getByText('No connection').waitFor({ state: 'detached' });
}

/** The menu of a narrow window. */
export async function phoneMenu({ open }) {
  const page = await open({ mobile: true, dark: true });
  await page.goto('/');
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('dialog').getByRole('link', { name: 'Queues' }).waitFor();
  await accessible(page, 'menu');
  await shoot(page, 'phone-menu');
  await page.getByRole('dialog').getByRole('link', { name: 'Queues' }).click();
  await page.waitForURL('**/queues');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await focused(page, '#content');
}

/** What nobody wants to see, and everybody can read: no such page, an API that fails or is away, a page that cannot be loaded. */
export async function wrongTurns({ open }) {
  const page = await open({ expected: /status of 500|dynamically imported module/ });
  await page.goto('/nowhere');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await accessible(page, 'not found');

  const problem = { type: '/api/v1/problems#internal', id: 'internal', title: 'Something went wrong here', status: 500, detail: 'the request could not be finished', next_step: 'Try again.' };
  await page.route('**/api/v1/feeds?*', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', headers: { 'x-request-id': 'of-this-test' }, body: JSON.stringify(problem) }));
  await page.getByRole('link', { name: 'Feeds' }).click();
  await page.getByRole('alert').getByText('of-this-test').waitFor();
  await accessible(page, 'an error');
  await shoot(page, 'error');
  await page.getByLabel('Language').selectOption('fr');
  await page.getByRole('alert').getByText('Une erreur est survenue sur le serveur').waitFor();
  assert.equal(await page.title(), 'Flux · Indicator Aggregator');
  await accessible(page, 'an error, French');
  await shoot(page, 'error-french');
  await page.getByLabel('Langue').selectOption('en');

  await page.route('**/api/v1/submissions?*', (route) => route.abort());
  await page.getByRole('link', { name: 'Submissions' }).click();
  await page.getByRole('alert').getByText('The server cannot be reached').waitFor();
  await accessible(page, 'unreachable');

  await page.route('**/assets/SourcesPage-*.js', (route) => route.abort());
  await page.getByRole('link', { name: 'Sources' }).click();
  await page.getByRole('heading', { name: 'This page stopped working' }).waitFor();
  await accessible(page, 'a page that cannot be loaded');
  await shoot(page, 'crash');
  await page.unroute('**/assets/SourcesPage-*.js');
  await page.getByRole('link', { name: 'Sources' }).click();
  await page.getByRole('button', { name: 'Shodan InternetDB' }).waitFor();
}

/** A part that cannot be loaded takes nothing else away: a chart of the queues, a language. */
export async function missingParts({ open }) {
  const page = await open({ expected: /dynamically imported module/ });
  await page.route('**/assets/TimeChart-*.js', (route) => route.abort());
  await page.goto('/queues');
  await page.getByRole('alert').first().waitFor();
  await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
  await accessible(page, 'no charts');
  await page.unroute('**/assets/TimeChart-*.js');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.locator('.u-wrap canvas').first().waitFor();

  await page.route('**/assets/fr-*.js', (route) => route.abort());
  await page.getByLabel('Language').selectOption('fr');
  await page.getByText('“Français” could not be loaded').waitFor();
  assert.equal(await page.getByLabel('Language').inputValue(), 'en');
  await page.evaluate(() => localStorage.setItem('language', 'fr'));
  await page.reload();
  await page.getByRole('heading', { name: 'Queues', level: 1 }).waitFor();
  await page.route('**/assets/en-*.js', (route) => route.abort());
  await page.reload();
  await page.getByText('The app could not be loaded').waitFor();
  await accessible(page, 'no words');
}
