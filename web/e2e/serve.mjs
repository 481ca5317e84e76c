import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HOST = '127.0.0.1';

/** A port nobody listens on; from E2E_PORT upwards where that is set. */
let nextPort = Number(process.env.E2E_PORT ?? 0);
export async function freePort() {
  const port = nextPort === 0 ? 0 : nextPort++;
  const server = net.createServer();
  try {
    await new Promise((resolve, reject) => server.once('error', reject).listen(port, HOST, resolve));
  } catch {
    return freePort();
  }
  const found = server.address().port;
  await new Promise((resolve) => server.close(resolve));
  return found;
}

/** Ours without the program's settings: it refuses one it does not know, and a test sets all that matter. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AGGREGATOR_|DATABASE_URL$|REDIS_URL$)/.test(name)));

const children = new Set();
process.once('exit', () => {
  for (const child of children) child.kill('SIGTERM');
});

/** A child process that ends with us; its last output is told when it ends early. */
export function run(command, args, env) {
  const child = spawn(command, args, { env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk) => (output = (output + chunk).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const stop = () => child.kill('SIGTERM');
  children.add(child);
  child.once('exit', () => children.delete(child));
  return {
    child,
    output: () => output,
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      stop();
      await ended;
    },
  };
}

/** Runs a command to its end. */
export async function once(command, args, env) {
  const { child, output } = run(command, args, env);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${output()}`);
}

export async function reachable(url, process) {
  for (let tries = 0; tries < 300; tries++) {
    if (process.child.exitCode !== null) throw new Error(`ended early: ${process.output()}`);
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not yet
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer: ${process.output()}`);
}

/**
 * Services that sources ask, on this machine: InternetDB answers after a while, crt.sh fails until `mended` is set.
 * No test asks anybody else.
 */
export async function fakeSources() {
  const state = { mended: false };
  const server = http.createServer((request, response) => {
    const path = request.url ?? '';
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      if (path.startsWith('/crtsh')) {
        response.statusCode = state.mended ? 200 : 500;
        response.end('[]');
      } else {
        const ip = decodeURIComponent(path.split('/').pop() ?? '');
        response.end(JSON.stringify({ cpes: ['cpe:/a:openbsd:openssh'], hostnames: ['host.example.net'], ip, ports: [22, 443], tags: [], vulns: [] }));
      }
    }, 800);
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, HOST, resolve));
  return { base: `http://${HOST}:${port}`, state, stop: () => server.close() };
}

const dist = new URL('../dist', import.meta.url).pathname;

/** Rows and queues of a run of its own on the servers of .ci/services; `undefined` where there are none. */
export async function production() {
  const { AGGREGATOR_TEST_POSTGRES_URL: postgres, AGGREGATOR_TEST_REDIS_URL: redis } = process.env;
  if (!postgres || !redis) return undefined;
  const name = `aggregator_e2e_${process.pid}`;
  const sql = (text) => once('psql', ['-w', '-q', '-v', 'ON_ERROR_STOP=1', postgres, '-c', text], {});
  await sql(`CREATE DATABASE ${name}`);
  const url = new URL(postgres);
  url.pathname = `/${name}`;
  return {
    env: { DATABASE_URL: url.href, REDIS_URL: redis, AGGREGATOR_REDIS_PREFIX: name },
    commands: ['api', 'worker'],
    drop: () => sql(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** One process with everything in it. */
export const embedded = { env: { DATABASE_URL: '' }, commands: ['up'], drop: async () => {} };

/** The real program with two lists and a playbook that asks the fake services, the app served by its API. */
export async function startAll(ground = embedded) {
  const binary = process.env.AGGREGATOR_BINARY;
  if (!binary) throw new Error('AGGREGATOR_BINARY names no program');
  const sources = await fakeSources();
  const port = await freePort();
  const web = `http://${HOST}:${port}`;
  const env = {
    ...ground.env,
    AGGREGATOR_DATA_DIR: mkdtempSync(join(tmpdir(), 'aggregator-e2e-')),
    AGGREGATOR_FEEDS_REFRESH: 'false',
    AGGREGATOR_HTTP_LISTEN: `${HOST}:${port}`,
    AGGREGATOR_HTTP_WEB_FOLDER: dist,
    AGGREGATOR_SOURCES_RESOLVER: `${HOST}:9`,
    AGGREGATOR_SOURCES_PATIENCE_SECONDS: '2',
    AGGREGATOR_EGRESS_ALLOW_PRIVATE: '127.0.0.0/8',
    AGGREGATOR_SOURCES_BASES: ['internetdb', 'crtsh', 'rdap', 'epss'].map((slug) => `${slug}=${sources.base}/${slug}/`).join(','),
  };
  await once(binary, ['migrate'], env);
  // As long as the list's definition asks for: a shorter one is refused.
  const list = join(env.AGGREGATOR_DATA_DIR, 'ipsum-level-3.txt');
  const others = Array.from({ length: 1200 }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
  writeFileSync(list, ['203.0.113.7', ...others, ''].join('\n'));
  await once(binary, ['feeds', 'import', 'ipsum-level-3', '--file', list], env);
  const programs = ground.commands.map((command) => run(binary, [command], env));
  await reachable(`${web}/readyz`, programs[0]);
  const playbook = { slug: 'e2e', name: 'Test sources', sources: { choice: 'these', slugs: ['internetdb', 'structure', 'crtsh'] }, follow: [], max_depth: 0 };
  await fetch(`${web}/api/v1/playbooks`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(playbook) });
  const stop = async () => {
    for (const program of programs) await program.stop();
    sources.stop();
    await ground.drop();
  };
  return { web, api: web, sources, stop };
}
