// What a screening worker written for BullMQ does with values: kind, canonical form, identity, one lookup, rows.
//
// It writes the rows the product's own run left: the same findings, verdicts and reasons. Generous to the baseline: these are
// handed to it by line, so that it matches no list itself; kinds by a few patterns instead of full parsers, MD5 instead of
// BLAKE3 (native in Node), no rejects, no contexts, no counters.
import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const ADDRESS = /^(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?$/;
const DIGESTS = { 32: 8, 40: 9, 64: 10, 128: 11 };
const HEX = /^[0-9a-fA-F]+$/;

// The product's numbers of kinds (entities/domain/src/kind.rs).
export function read(raw) {
  const address = ADDRESS.exec(raw);
  if (address) return { kind: 1, value: address[1], port: address[2] ? Number(address[2]) : null };
  if (DIGESTS[raw.length] && HEX.test(raw)) return { kind: DIGESTS[raw.length], value: raw.toLowerCase(), port: null };
  if (raw.startsWith('CVE-')) return { kind: 14, value: raw, port: null };
  if (/^AS\d+$/.test(raw)) return { kind: 4, value: raw, port: null };
  if (raw.includes('://')) return { kind: 6, value: raw, port: null };
  if (/^[0-9a-f.:]+\/\d+$/.test(raw)) return { kind: 3, value: raw, port: null };
  if (raw.includes('/')) return { kind: 6, value: `http://${raw}`, port: null };
  if (raw.includes('::') || raw.split(':').length > 4) return { kind: 2, value: raw, port: null };
  return { kind: 5, value: raw.toLowerCase(), port: null };
}

export const identity = ({ kind, value }) => hash('md5', `${kind}\0${value}`, 'hex');

export async function* linesOf(file) {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}

// One line is a JSON array: the submitted line, stance, confidence, reasons, findings (bench/src/unload.rs).
export async function readJudged(file) {
  const known = new Map();
  for await (const text of linesOf(file)) {
    const [line, stance, confidence, reasons, findings] = JSON.parse(text);
    known.set(line, { stance, confidence, reasons, findings: findings ?? [] });
  }
  return known;
}

// One statement and one round trip: indicators, findings and items of the values, committed together.
const INSERT = `
  WITH input AS (
    SELECT * FROM UNNEST($2::int[], $3::uuid[], $4::smallint[], $5::text[], $6::int[], $7::text[], $8::smallint[],
      $9::smallint[], $10::text[]) AS input (ordinal, id, kind, value, port, raw, stance, confidence, reasons)
  ), known AS (
    INSERT INTO indicators (id, kind, value, first_seen_at)
    SELECT id, kind, value, 0 FROM input ON CONFLICT DO NOTHING
  ), found AS (
    INSERT INTO findings (indicator_id, source_id, version, outcome, stance, confidence, summary, data, data_hash,
      generation_id, found_at, checked_at)
    SELECT id, source, 1, outcome, stance, confidence, summary, data, hash, generation, 0, 0
    FROM UNNEST($11::uuid[], $12::bigint[], $13::smallint[], $14::smallint[], $15::smallint[], $16::text[], $17::text[],
      $18::bigint[], $19::bigint[]) AS f (id, source, outcome, stance, confidence, summary, data, hash, generation)
    ON CONFLICT DO NOTHING
  )
  INSERT INTO items (submission_id, ordinal, indicator_id, kind, state, stance, confidence, depth, pending, line, position,
    port, raw, reasons)
  SELECT $1, ordinal, id, kind, 4, stance, confidence, 0, 0, ordinal, 0, port, raw, reasons
  FROM input ON CONFLICT DO NOTHING`;

const NOTHING = { stance: 0, confidence: 0, reasons: null, findings: [] };
const ITEM = ['ordinal', 'id', 'kind', 'value', 'port', 'raw', 'stance', 'confidence', 'reasons'];

// Sorted by identity: in random order concurrent upserts deadlock.
export async function screen(pool, known, submission, first, values) {
  const rows = values.map((line, n) => {
    const indicator = read(line);
    const raw = line === indicator.value ? null : line;
    return { ...indicator, ...(known.get(line) ?? NOTHING), ordinal: first + n, id: identity(indicator), raw };
  });
  rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  const found = rows.flatMap(({ id, findings }) => findings.map((finding) => [id, ...finding]));
  const columns = Array.from({ length: 9 }, (_, column) => found.map((finding) => finding[column]));
  await pool.query({
    name: 'screen',
    text: INSERT,
    values: [submission, ...ITEM.map((name) => rows.map((row) => row[name])), ...columns],
  });
}
