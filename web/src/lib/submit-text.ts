import { createSubmission, type CreateSubmission, type CreateSubmissionData, type Submission } from '@/api';

/** Formats a submission may arrive in beside JSON. */
export type TextType = 'text/plain' | 'text/csv' | 'text/tab-separated-values' | 'application/x-ndjson';

/**
 * Submits a text or a file as it is. The document allows several media types and the generator makes a call for JSON alone: so its type is
 * set, and the body is not serialised.
 */
export async function submitText(body: string | Blob, type: TextType, query: NonNullable<CreateSubmissionData['query']>, key: string, signal?: AbortSignal): Promise<Submission> {
  const headers = { 'Content-Type': type, 'Idempotency-Key': key };
  const { data } = await createSubmission({
    body: body as unknown as CreateSubmission,
    bodySerializer: null,
    query,
    headers,
    ...(signal ? { signal } : {}),
    throwOnError: true,
  });
  return data;
}
