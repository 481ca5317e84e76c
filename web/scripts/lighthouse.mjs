import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lighthouse, { desktopConfig } from 'lighthouse';
import { chromium } from 'playwright-core';

// `AGGREGATOR_BINARY=… npm run lighthouse [path …]`: the four categories of each page, from the real program serving dist; without a
// binary (or with one that serves no app) from `vite preview`, which compresses nothing. Fails below 95.

const LEAST = 95;
const HOST = '127.0.0.1';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const root = new URL('..', import.meta.url).pathname;
const paths = process.argv.length > 2 ? process.argv.slice(2) : ['/', '/bulk', '/submissions', '/queues', '/sources', '/feeds'];
/** What robots are kept from on purpose: there it is no fault that they are. */
const kept = [...readFileSync(join(root, 'public/robots.txt'), 'utf8').matchAll(/^Disallow: *(\S+)/gm)].map(([, path]) => path);
const folder = mkdtempSync(join(tmpdir(), 'lighthouse-'));

/** A port nobody listens on; from LIGHTHOUSE_PORT upwards where that is set. */
let nextPort = Number(process.env.LIGHTHOUSE_PORT ?? 0);
async function freePort() {
  const server = net.createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(nextPort === 0 ? 0 : nextPort++, HOST, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const children = [];
function run(command, args, env) {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AGGREGATOR_|DATABASE_URL$|REDIS_URL$)/.test(name)));
  children.push(spawn(command, args, { cwd: root, env: { ...inherited, ...env }, stdio: 'ignore' }));
}

async function answers(url, accept) {
  for (let tries = 0; tries < 150; tries++) {
    const response = await fetch(url, { headers: { accept } }).catch(() => undefined);
    if (response?.ok) return response;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${url} does not answer`);
}

/** Starts what serves the app; where it is. */
async function serve() {
  const port = await freePort();
  const url = `http://${HOST}:${port}`;
  const binary = process.env.AGGREGATOR_BINARY;
  if (binary) {
    run(binary, ['up'], {
      DATABASE_URL: '',
      AGGREGATOR_DATA_DIR: join(folder, 'data'),
      AGGREGATOR_FEEDS_REFRESH: 'false',
      AGGREGATOR_HTTP_LISTEN: `${HOST}:${port}`,
      AGGREGATOR_HTTP_WEB_FOLDER: join(root, 'dist'),
    });
    await answers(`${url}/readyz`, '*/*');
    const page = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'manual' });
    if (page.status === 200) return { url, how: 'the program' };
  }
  const web = `http://${HOST}:${await freePort()}`;
  run('node', ['node_modules/vite/bin/vite.js', 'preview', '--host', HOST, '--port', new URL(web).port, '--strictPort'], { AGGREGATOR_API: url });
  await answers(web, 'text/html');
  return { url: web, how: binary ? 'vite preview: the program serves no app' : 'vite preview: AGGREGATOR_BINARY names no program' };
}

let chrome;
let failed = false;
try {
  const { url, how } = await serve();
  console.log(`served by ${how}`);
  const port = await freePort();
  chrome = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...FLAGS, `--remote-debugging-port=${port}`] });
  for (const path of paths) {
    const skipAudits = kept.some((beginning) => path.startsWith(beginning)) ? ['is-crawlable'] : null;
    const { lhr } = await lighthouse(url + path, { port, output: 'json', logLevel: 'error', skipAudits }, desktopConfig);
    const scores = Object.values(lhr.categories).map(({ title, score }) => ({ title, score: Math.round((score ?? 0) * 100) }));
    console.log(`${path.padEnd(12)} ${scores.map(({ title, score }) => `${title} ${score}`).join('  ')}`);
    const weighs = new Set(Object.values(lhr.categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0).map(({ id }) => id)));
    for (const audit of Object.values(lhr.audits)) {
      if (weighs.has(audit.id) && audit.score !== null && audit.score < 0.9) console.log(`  ${audit.id}: ${audit.displayValue ?? audit.title}`);
    }
    failed ||= scores.some(({ score }) => score < LEAST);
  }
} finally {
  await chrome?.close();
  for (const child of children) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(failed ? 1 : 0);
