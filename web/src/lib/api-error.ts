import type { Problem, ProblemId } from '@/api';

/** The one error of every call: the API's problem document, or that it could not be reached. */
export class ApiError extends Error {
  /** The problem document; absent where no API answered. */
  readonly problem: Problem | undefined;
  /** Status of the response; absent where none came. */
  readonly status: number | undefined;
  /** What the operator finds the request by in the logs; absent where no answer came. */
  readonly requestId: string | undefined;

  constructor(problem: Problem | undefined, status: number | undefined, cause?: unknown, requestId?: string) {
    super(problem?.detail ?? (cause instanceof Error ? cause.message : 'no answer'), { cause });
    this.name = 'ApiError';
    this.problem = problem;
    this.status = status ?? problem?.status;
    this.requestId = requestId;
  }

  /** What to decide by: the problem's id, or `unreachable`. */
  get id(): ProblemId | 'unreachable' {
    return this.problem?.id ?? 'unreachable';
  }

  /** True where asking again may help without a change: nobody answered, too many requests, the server's own fault. */
  get passing(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'id' in value && 'title' in value && 'detail' in value;
}

/** Wraps whatever a generated call failed with; an abort stays what it is. */
export function toApiError(error: unknown, status?: number, requestId?: string): unknown {
  if (error instanceof ApiError) return error;
  if (error instanceof DOMException && error.name === 'AbortError') return error;
  return new ApiError(isProblem(error) ? error : undefined, status, error, requestId);
}

/** What to say of a failed call in one line. The generated types promise a bare problem; what is thrown is an `ApiError`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : isProblem(error) ? error.detail : String(error);
}
