import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessible, out, shoot } from './browser.mjs';

const addresses = (count) => Array.from({ length: count }, (_, index) => `45.33.${index >> 8}.${index & 255}`);
const progress = (page) => page.locator('[data-progress]').innerText();
const doneOf = async (page) => Number((await progress(page)).split(' ')[0].replaceAll(',', ''));
const rows = (page) => page.locator('[role=grid] [role=row]:not([aria-busy])[aria-rowindex]');

async function chooseFile(page, name, text) {
  const path = join(out, name);
  writeFileSync(path, text);
  await page.locator('input[type=file]').setInputFiles(path);
}

/** 10,000 lines: a look at them, sent, followed, reloaded in the middle of the stream, cancelled, downloaded. */
export async function tenThousandAndCancel({ open }) {
  const page = await open();
  await page.goto('/bulk');
  await page.getByRole('heading', { name: 'Drop a file anywhere on this page' }).waitFor();
  await accessible(page, 'bulk');
  await shoot(page, 'bulk');
  await chooseFile(page, 'ten-thousand.txt', [...addresses(10_000), 'hello there', ''].join('\n'));
  await page.getByText('10,001 lines').waitFor();
  await page.getByText('In the first 1,000 values').waitFor();
  await accessible(page, 'preview');
  await shoot(page, 'bulk-preview');
  await page.getByLabel('Playbook').selectOption({ label: 'Test sources' });
  await page.getByRole('button', { name: 'Send it' }).click();
  await page.waitForURL(/\/submissions\/\d+$/);
  await page.getByText('of 10,000 done').waitFor();
  await rows(page).nth(5).waitFor();
  await page.getByText('1 rejected').waitFor();
  const before = await doneOf(page);
  await page.waitForFunction((was) => Number(document.querySelector('[data-progress]').textContent.trim().split(' ')[0].replaceAll(',', '')) > was, before, { timeout: 60_000 });
  await shoot(page, 'submission-running');
  await accessible(page, 'running');

  const asked = [];
  page.on('request', (request) => request.url().includes('/events') && asked.push(request.url()));
  await page.reload();
  await page.getByText('of 10,000 done').waitFor();
  const again = await doneOf(page);
  assert.ok(again >= before, 'nothing is lost by a reload');
  await page.waitForFunction((was) => Number(document.querySelector('[data-progress]').textContent.trim().split(' ')[0].replaceAll(',', '')) > was, again, { timeout: 60_000 });
  assert.equal(asked.length, 1, 'one stream');
  assert.match(asked[0], /after=[1-9]/, 'resumed, not from the beginning');

  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('dialog').waitFor();
  await accessible(page, 'cancel?');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByText('Cancelled', { exact: true }).first().waitFor();
  await page.getByText(/[\d,]+ cancelled/).waitFor();
  await page.getByText('1 rejected').click();
  await page.getByText('hello there').waitFor();
  await accessible(page, 'rejects');
  await page.keyboard.press('Escape');
  await shoot(page, 'submission-cancelled');

  await page.getByLabel('State').selectOption('cancelled');
  await page.waitForURL(/state=cancelled/);
  await rows(page).nth(5).waitFor();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV', exact: true }).click();
  const csv = readFileSync(await (await downloading).path(), 'utf8').trim().split('\n');
  const cancelled = Number((await page.getByText(/[\d,]+ cancelled/).innerText()).split(' ')[0].replaceAll(',', ''));
  assert.equal(csv.length, cancelled + 1, 'the rows of the filter and a header');
}

/** A table one can work with: the filter in the address, the keys, the detail; dark, and as a list of submissions. */
export async function filterAndRead({ open, api }) {
  const listed = [...addresses(1500), '203.0.113.7', 'www.example.com'].join('\n');
  const made = await fetch(`${api}/api/v1/submissions?label=to+read&wait=20`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: listed });
  const { id } = await made.json();
  for (const dark of [false, true]) {
    const name = dark ? 'dark' : 'light';
    const page = await open({ dark });
    await page.goto(`/submissions/${id}`);
    await rows(page).nth(5).waitFor();
    await accessible(page, `table ${name}`);
    await shoot(page, `submission-${name}`);
    await page.locator('[role=grid]').press('End');
    await page.getByRole('gridcell', { name: 'www.example.com' }).waitFor();
    await page.locator('[role=grid]').press('k');
    await page.locator('[role=grid]').press('Enter');
    await page.getByRole('dialog').getByText('Listed by IPsum').first().waitFor();
    await page.waitForURL(/item=1500/);
    await page.reload();
    await page.getByRole('dialog').getByText('Listed by IPsum').first().waitFor();
    await accessible(page, `detail ${name}`);
    await shoot(page, `item-${name}`);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => url.search === '');
    await page.getByRole('button', { name: /Malicious/ }).click();
    await page.waitForURL(/verdict=malicious/);
    await page.getByText('1 item', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('1 item', { exact: true }).waitFor();
    await page.getByLabel('Text').fill('198.');
    await page.getByLabel('Text').press('Enter');
    await page.getByText('No item matches the filter').waitFor();
    await accessible(page, `no match ${name}`);
    await page.goto('/submissions');
    await page.getByRole('link', { name: 'to read' }).first().waitFor();
    await accessible(page, `list ${name}`);
    await shoot(page, `submissions-${name}`);
    await page.goto('/bulk');
    await page.getByLabel('Or paste a list or a text').fill('time,address\n1,203[.]0[.]113[.]7\n2,www.example.com\n3,nothing');
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('Line 4').waitFor();
    assert.equal(await page.getByLabel('Column').inputValue(), '2', 'the column of indicators is found');
    await accessible(page, `preview ${name}`);
    await shoot(page, `bulk-preview-${name}`);
  }
  const phone = await open({ mobile: true, language: 'fr-FR' });
  await phone.goto(`/submissions/${id}`);
  await rows(phone).nth(5).waitFor();
  await accessible(phone, 'phone');
  await shoot(phone, 'submission-phone');
  await phone.goto('/submissions/999999');
  await phone.getByRole('alert').waitFor();
  await accessible(phone, 'no such submission');
}
