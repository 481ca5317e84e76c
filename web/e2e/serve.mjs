import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** By itself, or by a signal (it then has no exit code). */
const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null;

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
      if (hasEnded(child)) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      stop();
      await ended;
    },
  };
}

/** Runs a command to its end. */
export async function once(command, args, env) {
  const { child, output } = run(command, args, env);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${output()}`);
}

export async function reachable(url, process) {
  for (let tries = 0; tries < 300; tries++) {
    if (hasEnded(process.child)) throw new Error(`ended early: ${process.output()}`);
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not yet
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer: ${process.output()}`);
}

/** InternetDB takes so long for an answer, milliseconds: long enough to see a large submission run. */
const SLOW = 800;

/**
 * Services that sources ask, on this machine; no test asks anybody else. InternetDB answers after a while, or when `hold` lets it. crt.sh
 * fails until `state.mended`; while `state.retryAfter` is set it says that it is overloaded, and in how many seconds to come back.
 */
export async function fakeSources() {
  const state = { mended: false, retryAfter: undefined, held: undefined };
  let letGo;
  const answers = {
    crtsh: async () => {
      if (state.mended) return { body: '[]' };
      return state.retryAfter === undefined ? { status: 500 } : { status: 503, headers: { 'retry-after': state.retryAfter } };
    },
    other: async (path) => {
      await (state.held ?? new Promise((resolve) => setTimeout(resolve, SLOW)));
      const ip = decodeURIComponent(path.split('/').pop());
      return { body: JSON.stringify({ cpes: ['cpe:/a:openbsd:openssh'], hostnames: ['host.example.net'], ip, ports: [22, 443], tags: [], vulns: [] }) };
    },
  };
  const server = http.createServer(async (request, response) => {
    const path = request.url ?? '';
    const { status = 200, headers = {}, body = '[]' } = await (path.startsWith('/crtsh') ? answers.crtsh() : answers.other(path));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, HOST, resolve));
  return {
    base: `http://${HOST}:${port}`,
    state,
    /** From now on InternetDB answers nobody until what this returns is called. */
    hold: () => {
      state.held = new Promise((resolve) => (letGo = resolve));
      return () => {
        letGo?.();
        state.held = undefined;
      };
    },
    /** As at the start, whatever a journey left behind. */
    reset: () => {
      letGo?.();
      Object.assign(state, { mended: false, retryAfter: undefined, held: undefined });
    },
    stop: () => {
      letGo?.();
      server.close();
    },
  };
}

const dist = new URL('../dist', import.meta.url).pathname;

/** Rows and queues of a run of its own on the servers of .ci/services; `undefined` where there are none. */
export async function production() {
  const { AGGREGATOR_TEST_POSTGRES_URL: postgres, AGGREGATOR_TEST_REDIS_URL: redis } = process.env;
  if (!postgres || !redis) return undefined;
  const name = `aggregator_e2e_${process.pid}`;
  const sql = (text) => once('psql', ['-w', '-q', '-v', 'ON_ERROR_STOP=1', postgres, '-c', text], {});
  const unlink = 'for keys in "$2:*" "{$2:*"; do redis-cli -u "$1" --scan --pattern "$keys" | xargs -r redis-cli -u "$1" unlink; done';
  await sql(`CREATE DATABASE ${name}`);
  const url = new URL(postgres);
  url.pathname = `/${name}`;
  return {
    env: { DATABASE_URL: url.href, REDIS_URL: redis, AGGREGATOR_REDIS_PREFIX: name },
    commands: ['api', 'worker'],
    drop: async () => {
      await sql(`DROP DATABASE ${name} WITH (FORCE)`);
      await once('sh', ['-c', unlink, 'unlink', redis, name], {});
    },
  };
}

/** One process with everything in it. */
export const embedded = { env: { DATABASE_URL: '' }, commands: ['up'], drop: async () => {} };

/** What is to be undone in the end, the last first; one that fails hinders none of the others. */
function endings() {
  const all = [];
  return {
    add: (end) => all.push(end),
    run: async () => {
      const faults = [];
      for (const end of all.splice(0).toReversed()) {
        try {
          await end();
        } catch (fault) {
          faults.push(fault);
        }
      }
      if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join('\n'));
    },
  };
}

/** The real program with two lists and a playbook that asks the fake services, the app served by its API. Ends the ground with itself. */
export async function startAll(ground = embedded) {
  const ends = endings();
  ends.add(ground.drop);
  try {
    return { ...(await start(ground, ends)), stop: ends.run };
  } catch (error) {
    await ends.run();
    throw error;
  }
}

async function start(ground, ends) {
  const binary = process.env.AGGREGATOR_BINARY;
  if (!binary) throw new Error('AGGREGATOR_BINARY names no program');
  const data = mkdtempSync(join(tmpdir(), 'aggregator-e2e-'));
  ends.add(() => rmSync(data, { recursive: true, force: true }));
  const sources = await fakeSources();
  ends.add(sources.stop);
  const port = await freePort();
  const web = `http://${HOST}:${port}`;
  const env = {
    ...ground.env,
    AGGREGATOR_DATA_DIR: data,
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
  const list = join(data, 'ipsum-level-3.txt');
  const others = Array.from({ length: 1200 }, (_, index) => `198.18.${index >> 8}.${index & 255}`);
  writeFileSync(list, ['203.0.113.7', ...others, ''].join('\n'));
  await once(binary, ['feeds', 'import', 'ipsum-level-3', '--file', list], env);
  const programs = ground.commands.map((command) => run(binary, [command], env));
  for (const program of programs) ends.add(program.stop);
  await reachable(`${web}/readyz`, programs[0]);
  const playbook = { slug: 'e2e', name: 'Test sources', sources: { choice: 'these', slugs: ['internetdb', 'structure', 'crtsh'] }, follow: [], max_depth: 0 };
  await call(`${web}/api/v1/playbooks`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(playbook) });
  // The worker makes the sources known, and may be slower to start than the API.
  await reachable(`${web}/api/v1/sources/crtsh`, programs.at(-1));
  await allowMore(web, 'crtsh');
  return { web, api: web, sources };
}

/** Asks the API; what it refuses is an error. */
export async function call(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${options?.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

/** A service that allows few calls a minute would be waited for by the journeys; ours allows more. */
async function allowMore(web, slug) {
  const address = `${web}/api/v1/sources/${slug}`;
  const now = await call(address);
  const { name, enabled, paused, concurrency, weight } = await now.json();
  await call(address, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': now.headers.get('etag') },
    body: JSON.stringify({ name, enabled, paused, concurrency, weight, limits: [{ calls: 6000, window_seconds: 60 }] }),
  });
}
