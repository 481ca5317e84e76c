import assert from 'node:assert/strict';
import { accessible, shoot } from './browser.mjs';
import { call } from './serve.mjs';

async function waitFor(is) {
  for (let tries = 0; tries < 100; tries++) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('it did not come true');
}

/** Counts how often the page reads the queues; what it returns waits until it has done so so many times. */
function readings(page) {
  let count = 0;
  page.on('response', (response) => new URL(response.url()).pathname === '/api/v1/queues' && (count += 1));
  return (wanted) => waitFor(() => count >= wanted);
}

/** Sends indicators with the playbook that asks the failing service, and waits until so many lookups are given up. */
async function makeDead(web, values) {
  await call(`${web}/api/v1/submissions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ indicators: values, playbook: 'e2e' }),
  });
  for (let tries = 0; tries < 300; tries++) {
    const { dead_letters: letters } = await (await fetch(`${web}/api/v1/dead-letters`)).json();
    if (values.every((value) => letters.some((letter) => letter.value === value))) return letters;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('no dead letters');
}

/** What an operator does: sees what was given up, mends the cause, replays one, then the rest; puts one away. */
export async function deadLetters({ open, web, sources }) {
  const values = ['dead-one.example.com', 'dead-two.example.com', 'dead-three.example.com'];
  await makeDead(web, values);
  const page = await open();
  const read = readings(page);
  await page.goto('/queues');
  const section = page.locator('#dead');
  await section.getByText('dead-one.example.com', { exact: true }).waitFor();
  await page.locator('.u-wrap canvas').first().waitFor();
  await read(2);
  await accessible(page, 'queues');
  await shoot(page, 'queues');

  await section.getByLabel('Outcome').selectOption({ label: 'Timed out' });
  await section.getByText('No dead letter matches').waitFor();
  assert.match(page.url(), /outcome=timeout/);
  await accessible(page, 'nothing matches');
  await section.getByRole('button', { name: 'Show all' }).click();
  await section.getByText('dead-two.example.com', { exact: true }).waitFor();

  await section.getByRole('button', { name: 'Discard dead-three.example.com' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('dead-three.example.com at crtsh').waitFor();
  await accessible(page, 'discard dialog');
  await shoot(page, 'queues-discard');
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await section.getByRole('button', { name: 'Discard dead-three.example.com' }).click();
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await page.getByText('1 dead letter was discarded').waitFor();
  await section.getByText('dead-three.example.com', { exact: true }).waitFor({ state: 'detached' });

  sources.state.mended = true;
  await section.getByRole('button', { name: 'Replay dead-one.example.com' }).click();
  await page.getByText('1 lookup is queued again').waitFor();
  await shoot(page, 'queues-replayed');
  await section.getByText('dead-one.example.com', { exact: true }).waitFor({ state: 'detached' });
  await section.getByLabel('Source').selectOption({ label: 'crt.sh' });
  await section.getByRole('button', { name: 'Replay all that match' }).click();
  await dialog.getByText(/\d+ dead letters?/).waitFor();
  await accessible(page, 'replay dialog');
  await dialog.getByRole('button', { name: 'Replay' }).click();
  await page.getByText('queued again').nth(1).waitFor();
  await section.getByText('No dead letter matches').waitFor();
  // They are answered now, not given up again.
  await waitFor(async () => {
    const { lookups } = await (await fetch(`${web}/api/v1/lookups?source=crtsh&limit=3`)).json();
    const states = Object.fromEntries(lookups.map((lookup) => [lookup.value, lookup.state]));
    return states['dead-one.example.com'] === 'done' && states['dead-two.example.com'] === 'done';
  });
}

/** A source is paused and goes on. */
export async function pauseAndResume({ open }) {
  const page = await open({ dark: true });
  const read = readings(page);
  await page.goto('/queues');
  await page.getByRole('button', { name: 'Pause FIRST EPSS' }).click();
  await page.getByText('FIRST EPSS is paused').waitFor();
  await page.getByRole('button', { name: 'Resume FIRST EPSS' }).waitFor();
  await page.locator('.u-wrap canvas').first().waitFor();
  await page.getByLabel('Lines').selectOption({ label: 'Sources, the busiest' });
  await read(2);
  await page.getByText('In numbers').first().click();
  await accessible(page, 'queues in the dark');
  await shoot(page, 'queues-dark');
  await page.getByRole('button', { name: 'Resume FIRST EPSS' }).click();
  await page.getByText('FIRST EPSS goes on').waitFor();
  const phone = await open({ mobile: true, language: 'fr-FR' });
  await phone.goto('/queues');
  await phone.getByRole('heading', { name: 'Lettres mortes' }).waitFor();
  await phone.locator('.u-wrap canvas').first().waitFor();
  await accessible(phone, 'queues on a phone');
  await shoot(phone, 'queues-phone');
}
