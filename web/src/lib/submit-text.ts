import type { CreateSubmissionData, CreateSubmissionErrors, CreateSubmissionResponses, Submission } from '@/api';
import { client } from '@/api/client.gen';

/** Formats a submission may arrive in beside JSON. */
export type TextType = 'text/plain' | 'text/csv' | 'text/tab-separated-values' | 'application/x-ndjson';

const url: CreateSubmissionData['url'] = '/api/v1/submissions';

/**
 * Submits a text or a file as it is. The document allows several media types and the generator makes a call for JSON alone, so this one
 * is made of the client below it.
 */
export async function submitText(body: string | Blob, type: TextType, query: NonNullable<CreateSubmissionData['query']>, key: string, signal?: AbortSignal): Promise<Submission> {
  const headers: NonNullable<CreateSubmissionData['headers']> & { 'Content-Type': TextType } = { 'Content-Type': type, 'Idempotency-Key': key };
  const { data } = await client.post<CreateSubmissionResponses, CreateSubmissionErrors, true>({
    url,
    body,
    bodySerializer: null,
    query,
    headers,
    ...(signal ? { signal } : {}),
    throwOnError: true,
  });
  return data;
}
