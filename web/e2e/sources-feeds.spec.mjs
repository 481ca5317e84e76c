import assert from 'node:assert/strict';
import { accessible, shoot } from './browser.mjs';

/** Who can be asked: filter, open one, and come back to it by its address. */
export async function sources({ open }) {
  const page = await open();
  await page.goto('/sources');
  await page.getByRole('button', { name: 'Shodan InternetDB' }).waitFor();
  await accessible(page, 'sources');
  await shoot(page, 'sources');
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width, height: 400 });
  await page.evaluate(() => scrollTo(0, 200));
  await page.getByRole('button', { name: /IPsum/ }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => scrollY), 200, 'one stays where one was');
  await page.setViewportSize({ width, height });
  await page.getByLabel('Search').fill('crt');
  await page.getByText('1 source', { exact: true }).waitFor();
  await page.waitForURL(/search=crt/);
  await page.getByRole('button', { name: 'crt.sh' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('Latest lookups').waitFor();
  await drawer.getByText('Weight of its opinion').waitFor();
  await accessible(page, 'a source');
  await shoot(page, 'source');
  const address = page.url();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  assert.doesNotMatch(page.url(), /source=/);
  await page.getByLabel('Search').fill('nobody');
  await page.getByText('No source matches').waitFor();
  await accessible(page, 'no source matches');
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('button', { name: 'Shodan InternetDB' }).waitFor();
  const dark = await open({ dark: true });
  await dark.goto(address);
  await dark.getByRole('dialog').getByText('Latest lookups').waitFor();
  await accessible(dark, 'a source in the dark');
  await dark.keyboard.press('Escape');
  await accessible(dark, 'sources in the dark');
  await shoot(dark, 'sources-dark');
  const phone = await open({ mobile: true, language: 'fr-FR' });
  await phone.goto('/sources');
  await phone.getByRole('button', { name: 'Shodan InternetDB' }).waitFor();
  assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing sticks out of a phone');
  await shoot(phone, 'sources-phone');
}

/** Lists on this machine and their age. */
export async function feeds({ open }) {
  const page = await open();
  await page.goto('/feeds');
  await page.getByRole('button', { name: /ipsum/i }).first().waitFor();
  await accessible(page, 'feeds');
  await shoot(page, 'feeds');
  await page.getByRole('button', { name: /ipsum/i }).first().click();
  await page.getByRole('dialog').getByText('Licence').waitFor();
  await accessible(page, 'a feed');
  await shoot(page, 'feed');
  await page.keyboard.press('Escape');
  await page.getByLabel('State').selectOption({ label: 'Switched off' });
  await page.getByText('No feed matches').waitFor();
  await accessible(page, 'no feed matches');
  const dark = await open({ dark: true, mobile: true, language: 'fr-FR' });
  await dark.goto('/feeds');
  await dark.getByRole('button', { name: /ipsum/i }).first().waitFor();
  assert.equal(await dark.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing sticks out of a phone');
  await accessible(dark, 'feeds in the dark');
  await shoot(dark, 'feeds-dark-phone');
}
