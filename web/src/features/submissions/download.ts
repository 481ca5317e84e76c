import { listSubmissionItems } from '@/api';
import { toApi, type ItemFilter } from './item-filter';

/** What the rows can be had as. */
export const formats = {
  csv: { accept: 'text/csv', extension: 'csv' },
  ndjson: { accept: 'application/x-ndjson', extension: 'ndjson' },
} as const;
export type Format = keyof typeof formats;

/**
 * All rows a filter lets through, as the server streams them, in a blob (which the browser keeps on disk, not in the page). Fetched, not
 * linked: the format is asked by a header, which a link cannot send, and a stream that breaks off must be an error, not half a file.
 */
export async function fetchRowsAs(format: Format, id: number, filter: ItemFilter, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<Blob> {
  const { data } = await listSubmissionItems({
    path: { id },
    query: toApi(filter),
    headers: { Accept: formats[format].accept },
    parseAs: 'stream',
    signal,
    throwOnError: true,
  });
  let bytes = 0;
  const counted = (data as unknown as ReadableStream<Uint8Array>).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        onBytes(bytes);
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted as ReadableStream<Uint8Array<ArrayBuffer>>, { headers: { 'Content-Type': formats[format].accept } }).blob();
}

/** What a download is called: the submission, and what of it the filter lets through. */
export function fileName(format: Format, id: number, { verdict, kind, state, text }: ItemFilter): string {
  const plain = text?.value.replaceAll(/[^\p{L}\p{N}.-]+/gu, '_').slice(0, 60);
  const parts = ['submission', id, verdict, kind, state, ...(text ? [text.match, plain] : [])];
  return `${parts.filter((part) => part !== undefined).join('-')}.${formats[format].extension}`;
}

/** Hands a blob to the browser's downloads. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
