import type { TextType } from '@/lib/submit-text';

/** How a file is read. `lines` and `prose` are both plain text: one value a line, or whatever stands in it. */
export const formats = ['lines', 'prose', 'csv', 'tsv', 'ndjson'] as const;
export type Format = (typeof formats)[number];

/** What is to be sent. Its text never enters the page: it is read in pieces and sent as it is. */
export interface BulkSource {
  name: string;
  blob: Blob;
}

/** The largest body the operation takes, and the most lines that can become items. */
export const LARGEST_BYTES = 256 * 1024 * 1024;
export const MOST_INDICATORS = 1_000_000;
/** How much of it is looked at before it is sent. */
export const SAMPLE_BYTES = 256 * 1024;

/** The media type that says so to the server. */
export function mediaType(format: Format): TextType {
  const types = { lines: 'text/plain', prose: 'text/plain', csv: 'text/csv', tsv: 'text/tab-separated-values', ndjson: 'application/x-ndjson' } as const;
  return types[format];
}

/** What it probably is: by its name, else by how its beginning looks. The reader may choose otherwise. */
export function guessFormat(name: string, head: string): Format {
  const extension = /\.(\w+)$/.exec(name.toLowerCase())?.[1];
  if (extension === 'csv' || extension === 'tsv') return extension;
  if (extension === 'ndjson' || extension === 'jsonl') return 'ndjson';
  const lines = head.split('\n', 50).map((line) => line.trim()).filter((line) => line !== '');
  if (lines.length === 0) return 'lines';
  const share = (test: (line: string) => boolean) => lines.filter(test).length / lines.length;
  if (share((line) => line.startsWith('{') && line.endsWith('}')) > 0.9) return 'ndjson';
  if (share((line) => line.includes('\t')) > 0.9) return 'tsv';
  if (lines.length > 1 && share((line) => /^[^\s,]+(\s?,\s?[^\s,]*)+$/.test(line)) > 0.9) return 'csv';
  return share((line) => /\s/.test(line)) > 0.3 ? 'prose' : 'lines';
}

/** The beginning, cut where a line ends; all of it when it is short. */
export async function takeSample(blob: Blob, most = SAMPLE_BYTES): Promise<string> {
  const text = await blob.slice(0, most).text();
  if (blob.size <= most) return text;
  const end = text.lastIndexOf('\n');
  return end > 0 ? text.slice(0, end + 1) : text.replace(/\uFFFD$/, '');
}

/** How many lines it has, read in pieces; `onProgress` tells how many so far. */
export async function countLines(blob: Blob, signal: AbortSignal, onProgress: (lines: number) => void): Promise<number> {
  const reader = blob.stream().getReader();
  let lines = 0;
  let last = 10;
  let told = 0;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a stream
    const { value, done } = await reader.read();
    if (signal.aborted) {
      void reader.cancel();
      throw new DOMException('stopped', 'AbortError');
    }
    if (done) return lines + (last === 10 ? 0 : 1);
    for (let at = value.indexOf(10); at >= 0; at = value.indexOf(10, at + 1)) lines += 1;
    last = value.at(-1) ?? last;
    if (performance.now() - told > 100) {
      told = performance.now();
      onProgress(lines);
    }
  }
}
