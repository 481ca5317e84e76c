// BullMQ as people use it: a producer process adds jobs, one worker process screens and commits them.
//
//   node run.mjs MODE LIST JUDGED      MODE is `batched` (500 values a job) or `single` (one job for each value)
//
// DATABASE_URL names a database with the product's own tables, REDIS_URL a Redis. Prints one JSON object: the time from
// the first `addBulk` to the last commit. What is known of each line (JUDGED, unloaded
// from the product's own run) is in memory before the clock starts.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { linesOf, readJudged, screen } from './screening.mjs';

const MODES = {
  batched: { values: 500, jobsPerAdd: 20, concurrency: 4 },
  single: { values: 1, jobsPerAdd: 1_000, concurrency: 32 },
};
const [mode, list, judged, role] = process.argv.slice(2);
const settings = MODES[mode];
if (!settings || !judged) throw new Error('usage: node run.mjs batched|single LIST JUDGED');
const name = `bench-${mode}`;
const connect = () => new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });

await (role === 'worker' ? work() : produce());

async function produce() {
  const worker = fork(fileURLToPath(import.meta.url), [mode, list, judged, 'worker']);
  const message = (type) =>
    new Promise((resolve, reject) => {
      worker.on('message', (received) => received.type === type && resolve(received));
      worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
    });
  await message('ready');
  const connection = connect();
  const queue = new Queue(name, { connection });
  const done = message('done');
  const started = performance.now();
  const values = await addAll(queue);
  const added = performance.now();
  worker.send({ total: values });
  const { rss_kb: rss } = await done;
  const seconds = (performance.now() - started) / 1_000;
  console.log(JSON.stringify({
    mode, values, seconds, per_second: values / seconds, adding_seconds: (added - started) / 1_000,
    concurrency: settings.concurrency, worker_peak_rss_kb: rss, versions: versions(),
  }));
  await queue.obliterate({ force: true });
  await queue.close();
  connection.disconnect();
}

async function addAll(queue) {
  const options = { removeOnComplete: true };
  let [total, first, values, jobs] = [0, 0, [], []];
  const flush = async () => {
    if (jobs.length > 0) await queue.addBulk(jobs);
    jobs = [];
  };
  const close = () => {
    jobs.push({ name: 'screen', data: { first, values }, opts: options });
    [first, values] = [total, []];
  };
  for await (const line of linesOf(list)) {
    values.push(line);
    total += 1;
    if (values.length === settings.values) close();
    if (jobs.length === settings.jobsPerAdd) await flush();
  }
  if (values.length > 0) close();
  await flush();
  return total;
}

async function work() {
  const known = await readJudged(judged);
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: settings.concurrency });
  const connection = connect();
  let [screened, total] = [0, Infinity];
  const finish = () => {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
    process.send({ type: 'done', rss_kb: Number(peak[1]) });
    process.exit(0);
  };
  process.on('message', (message) => {
    total = message.total;
    if (screened >= total) finish();
  });
  const worker = new Worker(
    name,
    async ({ data }) => {
      await screen(pool, known, 1, data.first, data.values);
      screened += data.values.length;
      if (screened >= total) finish();
    },
    { connection, concurrency: settings.concurrency },
  );
  worker.on('failed', (job, error) => { throw error; });
  worker.on('error', (error) => { throw error; });
  await worker.waitUntilReady();
  process.send({ type: 'ready' });
}

function versions() {
  const version = (of) => JSON.parse(readFileSync(new URL(`node_modules/${of}/package.json`, import.meta.url))).version;
  return { node: process.versions.node, bullmq: version('bullmq'), ioredis: version('ioredis'), pg: version('pg') };
}
