import { detectValues, extractIndicators, type Detection, type Reject } from '@/api';
import { kindOf } from '@/lib/kind-name';
import { fieldOf, looksLikeHeader, parseRows } from './cells';
import type { Format } from './source';

/** An indicator as it is written and as it is read; of its kind the slug where that is a custom one. */
interface Found {
  raw: string;
  kind: string;
  value: string;
}

/** A value that is no indicator. */
export interface PreviewReject {
  line: number;
  raw: string;
  reason: Reject;
  /** What it may be, where that is more than one thing. */
  kinds: string[];
}

/** What the beginning of a file holds, as the server reads it. */
export interface Preview {
  counts: { kind: string; count: number }[];
  found: Found[];
  rejects: PreviewReject[];
  /** Values looked at, where they stand one by one. */
  values: number | undefined;
  /** Columns of a CSV: the first cell of each, and the one to take. */
  columns: string[];
  column: number;
}

/** Which part of each line is the value. A column counts from 1; 0 lets the preview choose. */
export interface Reading {
  format: Format;
  column: number;
  field: string;
}

/** As many values as one call reads, and as many rows as are looked at to choose a column. */
const MOST_VALUES = 1000;
const CHOOSING_ROWS = 20;

/** Asks the server what a sample holds: each value as the submission will read it, with what it would reject. Of prose, what stands in it. */
export async function previewSample(text: string, reading: Reading, signal: AbortSignal): Promise<Preview> {
  if (reading.format === 'prose') return previewProse(text, signal);
  if (reading.format === 'csv' || reading.format === 'tsv') return previewTable(text, reading, signal);
  const lines = text.split('\n', MOST_VALUES).map((raw, index) => ({ raw: raw.trim(), line: index + 1 })).filter(({ raw }) => raw !== '');
  return previewValues(reading.format === 'ndjson' ? lines.map(({ raw, line }) => ({ raw: fieldOf(raw, reading.field.trim()), line })) : lines, signal);
}

async function previewProse(text: string, signal: AbortSignal): Promise<Preview> {
  const { data } = await extractIndicators({ body: { text }, signal, throwOnError: true });
  const distinct = new Map(data.indicators.map((found) => [found.indicator.id, found]));
  const found = [...distinct.values()].map(({ raw, indicator }) => ({ raw, kind: kindOf(indicator), value: indicator.value }));
  return { counts: countKinds(found), found, rejects: [], values: undefined, columns: [], column: 0 };
}

async function previewTable(text: string, { format, column }: Reading, signal: AbortSignal): Promise<Preview> {
  const rows = parseRows(text, format === 'tsv' ? '\t' : ',', MOST_VALUES);
  const columns = rows[0] ?? [];
  const chosen = column > 0 && column <= columns.length ? column : await chooseColumn(rows, signal);
  const values = rows.map((row, index) => ({ raw: (row[chosen - 1] ?? '').trim(), line: index + 1 }));
  const preview = await previewValues(values, signal);
  const [first] = preview.rejects;
  if (first?.line === 1 && looksLikeHeader(first.raw)) preview.rejects.shift();
  return { ...preview, columns, column: chosen };
}

/** The column with the most indicators in its first rows. */
async function chooseColumn(rows: string[][], signal: AbortSignal): Promise<number> {
  const width = Math.min(rows[0]?.length ?? 0, MOST_VALUES / CHOOSING_ROWS);
  if (width < 2) return 1;
  const cells = rows.slice(0, CHOOSING_ROWS).flatMap((row) => Array.from({ length: width }, (_, place) => row[place] ?? ''));
  const detections = await detect(cells, signal);
  const score = (place: number) => detections.filter(({ result }, index) => index % width === place && result === 'detected').length;
  const scores = Array.from({ length: width }, (_, place) => score(place));
  return scores.indexOf(Math.max(...scores)) + 1;
}

async function previewValues(values: { raw: string; line: number }[], signal: AbortSignal): Promise<Preview> {
  const preview: Preview = { counts: [], found: [], rejects: [], values: values.length, columns: [], column: 0 };
  const detections = await detect(values.map(({ raw }) => raw), signal);
  const distinct = new Map<string, Found>();
  detections.forEach((detection, index) => {
    const { raw, line } = values[index] ?? { raw: '', line: 0 };
    if (detection.result === 'detected') {
      const { id, value } = detection.indicator;
      if (!distinct.has(id)) distinct.set(id, { raw, kind: kindOf(detection.indicator), value });
    } else {
      const why = detection.result === 'rejected' ? { reason: detection.reason, kinds: [] } : { reason: 'ambiguous' as const, kinds: detection.candidates.map(kindOf) };
      preview.rejects.push({ line, raw, ...why });
    }
  });
  const found = [...distinct.values()];
  return { ...preview, found, counts: countKinds(found) };
}

/** How many of each kind: counted here, as the server counts custom kinds as one. */
function countKinds(found: readonly Found[]): Preview['counts'] {
  const counts = new Map<string, number>();
  for (const { kind } of found) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

async function detect(values: string[], signal: AbortSignal): Promise<Detection[]> {
  if (values.length === 0) return [];
  const { data } = await detectValues({ body: { values }, signal, throwOnError: true });
  return data.detections.map(({ detection }) => detection);
}
