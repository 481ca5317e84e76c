import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CreateSubmissionData, CreateSubmissionResponses, Detection, DetectValuesData, DetectValuesResponses, ExtractIndicatorsData, ExtractIndicatorsResponses } from '@/api';
import { submission } from '@/mocks/fixtures';
import { gate } from '@/mocks/gate';
import { mountAt } from '@/mocks/mount-page';
import { reply, unreachable } from '@/mocks/reply';
import { server } from '@/mocks/server';
import BulkPage from './pages/BulkPage.vue';

let mounted: Awaited<ReturnType<typeof mountAt>>;
const open = async () => (mounted = await mountAt(BulkPage, '/bulk')).wrapper;
const sees = (text: string) => vi.waitFor(() => expect(document.body.textContent).toContain(text), { timeout: 5000 });

const read = (input: string): Detection =>
  /^[\d.]+$/.test(input)
    ? { result: 'detected', indicator: { id: input, kind: 'ipv4', value: input } }
    : { result: 'rejected', reason: 'unrecognised', message: 'this looks like no known indicator kind' };

beforeEach(() => {
  localStorage.clear();
  server.use(
    reply<DetectValuesData, DetectValuesResponses>('post', '/api/v1/detect', async ({ request }) => {
      const { values } = (await request.json()) as { values: string[] };
      return { detections: values.map((input) => ({ input, detection: read(input) })) } as never;
    }),
  );
});
afterEach(() => mounted.wrapper.unmount());

async function paste(text: string) {
  const wrapper = await open();
  await wrapper.get('textarea').setValue(text);
  await wrapper.get('form').trigger('submit');
  return wrapper;
}

/** Answers a submission; `sent` gets its type, parameters, key and body. */
function takes(sent: { type: string | null; query: Record<string, string>; key: string | null; body: string }[], answers = true): void {
  const take = async (request: Request) => {
    sent.push({
      type: request.headers.get('content-type'),
      query: Object.fromEntries(new URL(request.url).searchParams),
      key: request.headers.get('idempotency-key'),
      body: await request.text(),
    });
    return submission({ id: 18 }) as never;
  };
  server.use(
    answers
      ? reply<CreateSubmissionData, CreateSubmissionResponses>('post', '/api/v1/submissions', ({ request }) => take(request), 202)
      : unreachable<CreateSubmissionData>('post', '/api/v1/submissions', take),
  );
}

it('shows what a list holds, sends it as it is and goes where it is followed', async () => {
  const sent: Parameters<typeof takes>[0] = [];
  takes(sent);
  const wrapper = await paste('192.0.2.1\nhello\n192.0.2.2');
  await sees('3 lines');
  await sees('All of it:');
  await sees('1 rejected');
  await sees('Line 2');
  await sees('This looks like no kind of indicator that is known here.');
  await wrapper.get('form').trigger('submit');
  await vi.waitFor(() => expect(mounted.router.currentRoute.value.fullPath).toBe('/submissions/18'), { timeout: 5000 });
  expect(sent).toEqual([
    { type: 'text/plain', query: { label: 'Pasted text', playbook: 'local', tlp: 'amber', text: 'lines' }, key: expect.stringMatching(/^[0-9a-f]{32}$/), body: '192.0.2.1\nhello\n192.0.2.2' },
  ]);
});

it('finds the column of a table and names it', async () => {
  const sent: Parameters<typeof takes>[0] = [];
  takes(sent);
  const wrapper = await paste('kind,address\ndomain,192.0.2.1\ndomain,192.0.2.2');
  await sees('192.0.2.2');
  expect(document.body.textContent).not.toContain('rejected');
  await wrapper.get('form').trigger('submit');
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ type: 'text/csv', query: { column: '2' } });
});

const custom = (kind: string, value: string) => ({ id: value, kind: 'custom', custom_kind: kind, value }) as const;

it('says what a value may be that has more than one reading', async () => {
  server.use(
    reply<DetectValuesData, DetectValuesResponses>('post', '/api/v1/detect', {
      detections: [{ input: 'E-1', detection: { result: 'ambiguous', candidates: [custom('employee_id', 'E-1'), { id: 'x', kind: 'domain', value: 'e-1' }] } }],
    }),
  );
  await paste('E-1');
  await sees('This may be any of: employee_id, Domain. Write it in full.');
});

it('names the kind that is defined on this installation', async () => {
  server.use(
    reply<DetectValuesData, DetectValuesResponses>('post', '/api/v1/detect', {
      detections: [custom('employee_id', 'E-1'), custom('badge', 'B-1'), custom('badge', 'B-2')].map((one) => ({ input: one.value, detection: { result: 'detected', indicator: one } })),
    }),
  );
  await paste('E-1\nB-1\nB-2');
  await sees('employee_id 1');
  await sees('badge 2');
});

it('reads a report as prose', async () => {
  server.use(
    reply<ExtractIndicatorsData, ExtractIndicatorsResponses>('post', '/api/v1/extract', {
      counts: [{ kind: 'ipv4', count: 1 }],
      indicators: [{ raw: '192[.]0[.]2[.]9', start: 10, end: 25, indicator: { id: 'x', kind: 'ipv4', value: '192.0.2.9' } }],
    }),
  );
  await paste('It called 192[.]0[.]2[.]9 twice, then slept for an hour.');
  await sees('192.0.2.9');
  expect(mounted.wrapper.findAll('select').map((select) => select.element.value)[0]).toBe('prose');
});

it('sends again under the same key when the answer was lost', async () => {
  const sent: Parameters<typeof takes>[0] = [];
  takes(sent, false);
  const wrapper = await paste('192.0.2.1');
  await sees('1 line');
  await sees('All of it:');
  await wrapper.get('form').trigger('submit');
  await sees('The server cannot be reached');
  takes(sent);
  await wrapper.get('form').trigger('submit');
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]?.key).toBe(sent[0]?.key);
});

const drops = (name: string, text: string) => {
  const drop = new Event('drop', { bubbles: true, cancelable: true });
  Object.assign(drop, { dataTransfer: { types: ['Files'], files: [new File([text], name)] } });
  document.dispatchEvent(drop);
  return drop;
};

it('sends a corrected file of the same name under a new key, and no more of the old one', async () => {
  const sent: Parameters<typeof takes>[0] = [];
  takes(sent, false);
  const wrapper = await open();
  drops('seen.txt', '192.0.2.1\n');
  await sees('192.0.2.1');
  await wrapper.get('form').trigger('submit');
  await sees('The server cannot be reached');
  await wrapper.findAll('select').at(-1)?.setValue('red');
  drops('seen.txt', '192.0.2.2\n');
  await sees('192.0.2.2');
  expect(document.body.textContent).not.toContain('The server cannot be reached');
  takes(sent);
  await wrapper.get('form').trigger('submit');
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toMatchObject({ body: '192.0.2.2\n', query: { tlp: 'red' } });
  expect(sent[1]?.key).not.toBe(sent[0]?.key);
});

it('does not send a table before its column is known', async () => {
  const sent: Parameters<typeof takes>[0] = [];
  takes(sent);
  const answer = gate();
  server.use(
    reply<DetectValuesData, DetectValuesResponses>('post', '/api/v1/detect', async ({ request }) => {
      const { values } = (await request.json()) as { values: string[] };
      await answer.opened;
      return { detections: values.map((input) => ({ input, detection: read(input) })) } as never;
    }),
  );
  const wrapper = await open();
  drops('seen.csv', 'kind,address\ndomain,192.0.2.1\n');
  await sees('seen.csv');
  const button = () => wrapper.get('button[type=submit]');
  expect(button().attributes('disabled')).toBeDefined();
  await wrapper.get('form').trigger('submit');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent).toEqual([]);
  answer.open();
  await vi.waitFor(() => expect(button().attributes('disabled')).toBeUndefined());
  await wrapper.get('form').trigger('submit');
  await vi.waitFor(() => expect(sent[0]?.query).toMatchObject({ column: '2' }));
});

it('takes a file that is dropped anywhere', async () => {
  await open();
  const drop = drops('seen.txt', '192.0.2.7\n');
  await sees('seen.txt');
  await sees('192.0.2.7');
  expect(drop.defaultPrevented).toBe(true);
});
