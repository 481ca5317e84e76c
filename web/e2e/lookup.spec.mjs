import assert from 'node:assert/strict';
import { accessible, shoot } from './browser.mjs';

/** What a new user does first: open the address, paste, read. */
export async function pasteAndRead({ open }) {
  const page = await open();
  await page.goto('/');
  const box = page.getByLabel('Indicators', { exact: true });
  assert.ok(await box.evaluate((element) => element === document.activeElement), 'the box has the focus');
  await accessible(page, 'start');
  await shoot(page, 'start');
  await box.fill('hxxp://example[.]com and 8.8.8.8');
  await page.getByText('2 indicators recognised').waitFor();
  await page.getByText('http://example.com', { exact: true }).or(page.getByText('http://example.com/', { exact: true })).first().waitFor();
  await shoot(page, 'recognised');
  await accessible(page, 'recognised');
  await box.press('Enter');
  await page.waitForURL(/\/lookup\/\d+$/);
  await page.getByText('2 indicators, done').waitFor();
  await page.getByRole('button', { name: /8\.8\.8\.8/ }).click();
  await page.getByRole('heading', { name: '8.8.8.8' }).waitFor();
  await page.getByText('That is not the same as harmless').waitFor();
  await accessible(page, 'two results');
  await shoot(page, 'two-results');
  assert.equal(await page.locator('main a[href^="http"]').count(), 0, 'no indicator is a link');
}

/** One indicator, remote sources: a fast answer, one that fails, a retry; the address alone brings all of it back. */
export async function streamAndRetry({ open, sources }) {
  const letAnswer = sources.hold();
  const page = await open();
  await page.goto('/?q=203[.]0[.]113[.]7');
  await page.getByLabel('Whom to ask').selectOption({ label: 'Test sources' });
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.waitForURL(/\/lookup\/\d+$/);
  await page.getByText('Asking').waitFor();
  await shoot(page, 'running');
  letAnswer();
  await page.getByText('1 indicator, done').waitFor();
  await page.getByText('Malicious').first().waitFor();
  await page.getByRole('heading', { name: 'Shodan InternetDB' }).waitFor();
  await accessible(page, 'one result');
  await shoot(page, 'one-result');

  sources.state.retryAfter = 8; // longer than the page takes to look again
  await page.goto('/?q=www.example[.]com');
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.waitForURL(/\/lookup\/\d+$/);
  await page.getByText('Parked').waitFor();
  sources.state.retryAfter = undefined;
  await shoot(page, 'parked');
  await accessible(page, 'parked');
  await page.reload(); // in the middle of the stream
  await page.getByText('1 indicator, done').waitFor({ timeout: 60_000 });
  await page.getByText('This says nothing about the indicator').waitFor();
  await shoot(page, 'failed');
  await accessible(page, 'failed');
  sources.state.mended = true;
  await page.getByRole('button', { name: 'Retry crt.sh' }).click();
  await page.getByText('Not found').waitFor({ timeout: 60_000 });
  await shoot(page, 'retried');
}

/** One look-up after another, and back: the box holds what the page under it is about, also after a reload. */
export async function thereAndBack({ open }) {
  const page = await open();
  await page.goto('/');
  const box = page.getByLabel('Indicators', { exact: true });
  const holds = (text) => page.waitForFunction((wanted) => document.querySelector('[data-lookup-box]')?.value === wanted, text);
  const visited = [];
  for (const text of ['first 203[.]0[.]113[.]7', 'second 198[.]18[.]0[.]1']) {
    await box.fill(text);
    await box.press('Enter');
    await page.waitForURL((url) => /\/lookup\/\d+$/.test(url.pathname) && !visited.includes(url.pathname));
    await page.getByText('1 indicator, done').waitFor();
    visited.push(new URL(page.url()).pathname);
  }
  await page.waitForFunction(() => document.title.startsWith('198.18.0.1'));
  await page.goBack();
  await page.waitForURL(`**${visited[0]}`);
  await holds('first 203[.]0[.]113[.]7');
  await page.waitForFunction(() => document.title.startsWith('203.0.113.7'));
  await page.reload();
  await holds('first 203[.]0[.]113[.]7');
  await page.goBack();
  await holds('first 203[.]0[.]113[.]7');
  await page.goto(visited[1]);
  await holds('');
}

/** The same pages in the dark, on a phone, in French. */
export async function darkPhoneFrench({ open }) {
  const dark = await open({ dark: true });
  await dark.goto('/?q=203.0.113.7');
  await dark.getByText('1 indicator recognised').waitFor();
  assert.ok(await dark.evaluate(() => document.documentElement.classList.contains('dark')));
  await accessible(dark, 'dark start');
  await shoot(dark, 'dark-start');
  await dark.getByLabel('Indicators', { exact: true }).press('Enter');
  await dark.getByText('1 indicator, done').waitFor();
  await dark.getByText('Listed by IPsum').first().waitFor();
  await accessible(dark, 'dark result');
  await shoot(dark, 'dark-result');
  const phone = await open({ mobile: true, language: 'fr-FR' });
  await phone.goto(new URL(dark.url()).pathname);
  await phone.getByText('1 indicateur, terminé').waitFor();
  await phone.getByText('Listed by IPsum').first().waitFor();
  await accessible(phone, 'phone result');
  await shoot(phone, 'phone-result');
  await phone.goto('/nowhere');
  await phone.getByText('Cette page n’existe pas').last().waitFor();
  await accessible(phone, 'not found');
  await shoot(phone, 'phone-not-found');
}

/** Errors a person can act on. */
export async function errors({ open }) {
  const page = await open();
  await page.goto('/lookup/999999');
  await page.getByRole('alert').waitFor();
  await page.getByText('there is no submission 999999').waitFor();
  await accessible(page, 'no such submission');
  await shoot(page, 'no-submission');
  await page.goto('/');
  await page.getByLabel('Indicators', { exact: true }).fill('hello');
  await page.getByText('This looks like no kind of indicator').waitFor();
}

/** As many as a look-up takes: the list stays quick, and each one is reached. */
export async function aThousand({ open }) {
  const page = await open();
  await page.goto('/');
  const box = page.getByLabel('Indicators', { exact: true });
  await box.fill(Array.from({ length: 1000 }, (_, index) => `198[.]18[.]${index >> 8}[.]${index & 255}`).join('\n'));
  await page.getByText('1,000 indicators recognised').waitFor();
  await shoot(page, 'thousand-recognised');
  await box.press('Enter');
  await page.getByText('1,000 indicators, done').waitFor();
  const list = page.getByRole('list', { name: 'Indicators' });
  assert.equal(await list.getByRole('listitem').count(), 1000);
  await list.getByRole('button', { name: /^198\.18\.3\.200/ }).click();
  await page.getByRole('heading', { name: '198.18.3.200' }).waitFor();
  await accessible(page, 'a thousand');
  await page.screenshot({ path: new URL('./out/thousand.png', import.meta.url).pathname });
}
