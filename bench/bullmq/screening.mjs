// What a screening worker written for BullMQ does with values: kind, canonical form, identity, one lookup, rows.
//
// Generous to the baseline: kinds by a few patterns instead of full parsers, MD5 instead of BLAKE3 (native in Node), one
// Set of exact values instead of 80 lists with suffixes, networks and URL parts, no rejects, no contexts, no counters.
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

export async function readList(file) {
  const list = new Set();
  for await (const line of linesOf(file)) list.add(read(line).value);
  return list;
}

// One statement and one round trip: indicators, findings and items of the values, committed together.
const INSERT = `
  WITH input AS (
    SELECT * FROM UNNEST($2::int[], $3::uuid[], $4::smallint[], $5::text[], $6::int[], $7::bool[])
      AS input (ordinal, id, kind, value, port, hit)
  ), known AS (
    INSERT INTO indicators (id, kind, value, first_seen_at)
    SELECT id, kind, value, 0 FROM input ON CONFLICT DO NOTHING
  ), found AS (
    INSERT INTO findings (indicator_id, source_id, version, outcome, stance, confidence, summary, data_hash, found_at, checked_at)
    SELECT id, 1, 1, 1, 3, 80, 'Listed', 0, 0, 0 FROM input WHERE hit ON CONFLICT DO NOTHING
  )
  INSERT INTO items (submission_id, ordinal, indicator_id, kind, state, stance, confidence, depth, pending, line, position, port, reasons)
  SELECT $1, ordinal, id, kind, 4, CASE WHEN hit THEN 3 ELSE 0 END, CASE WHEN hit THEN 80 ELSE 0 END, 0, 0, ordinal, 0, port,
    CASE WHEN hit THEN '["listed"]' END
  FROM input ON CONFLICT DO NOTHING`;

// Sorted by identity: in random order concurrent upserts deadlock.
export async function screen(pool, listed, submission, first, values) {
  const rows = values.map((raw, n) => {
    const indicator = read(raw);
    return { ...indicator, ordinal: first + n, id: identity(indicator), hit: listed.has(indicator.value) };
  });
  rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  const column = (name) => rows.map((row) => row[name]);
  await pool.query({
    name: 'screen',
    text: INSERT,
    values: [submission, ...['ordinal', 'id', 'kind', 'value', 'port', 'hit'].map(column)],
  });
}
