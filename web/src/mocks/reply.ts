import { HttpResponse, http, type HttpHandler } from 'msw';
import type { Problem, ProblemId } from '@/api';

type Method = 'get' | 'post' | 'put' | 'delete';
type Answer<Responses> = Responses[keyof Responses];
type Events = readonly { event: string; id: number; data: unknown }[];

/**
 * A mock of one operation, typed by what the generator made of it: `reply<ListPlaybooksData, ListPlaybooksResponses>`.
 * A change of the document that breaks a mock breaks its compilation.
 */
export function reply<Data extends { url: string }, Responses>(
  method: Method,
  url: Data['url'],
  body: Answer<Responses> | ((info: { request: Request; params: Record<string, string> }) => Answer<Responses> | Promise<Answer<Responses>>),
  status = 200,
): HttpHandler {
  return http[method](toPattern(url), async ({ request, params }) => {
    const answer = typeof body === 'function' ? await (body as CallableFunction)({ request, params }) : body;
    return HttpResponse.json(answer as never, { status });
  });
}

/** A mock that fails with a problem document. */
export function fail<Data extends { url: string }>(method: Method, url: Data['url'], id: ProblemId, status: number): HttpHandler {
  const problem: Problem = {
    type: `/api/v1/problems#${id}`,
    id,
    title: `title of ${id}`,
    status,
    detail: `detail of ${id}`,
    next_step: `next step of ${id}`,
  };
  return http[method](toPattern(url), () => HttpResponse.json(problem, { status, headers: { 'content-type': 'application/problem+json' } }));
}

/** A mock that no answer comes from. `asked` gets the request. */
export function unreachable<Data extends { url: string }>(method: Method, url: Data['url'], asked?: (request: Request) => void | Promise<void>): HttpHandler {
  return http[method](toPattern(url), async ({ request }) => {
    await asked?.(request);
    return HttpResponse.error();
  });
}

/** A mock of an event stream: each event as the server writes it, then the end of the stream. */
export function stream<Data extends { url: string }>(
  url: Data['url'],
  events: (request: Request) => Events | Promise<Events>,
): HttpHandler {
  return http.get(toPattern(url), async ({ request }) => {
    const told = await events(request);
    const text = told
      .map(({ event, id, data }) => `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`)
      .join('');
    return new HttpResponse(text, { headers: { 'content-type': 'text/event-stream' } });
  });
}

function toPattern(url: string): string {
  return `*${url.replace(/\{(\w+)\}/g, ':$1')}`;
}
