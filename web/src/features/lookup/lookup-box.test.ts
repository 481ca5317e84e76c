import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  CreateSubmissionData,
  CreateSubmissionResponses,
  DetectValueData,
  DetectValueResponses,
} from '@/api';
import { item, submission } from '@/mocks/fixtures';
import { gate } from '@/mocks/gate';
import { fail, reply, unreachable } from '@/mocks/reply';
import { server } from '@/mocks/server';
import { extracts, openAt, sees, shows } from './fixtures';

let mounted: Awaited<ReturnType<typeof openAt>>;
const open = async (path: string) => (mounted = await openAt(path)).wrapper;

beforeEach(() => localStorage.clear());
afterEach(() => {
  mounted.wrapper.unmount();
});

/** As the shell does: the page goes with its address. */
async function leave(path: string): Promise<void> {
  await mounted.router.push(path);
  mounted.wrapper.unmount();
}

describe('the box', () => {
  it('shows what is recognised, and how a defanged form is read', async () => {
    extracts({ raw: 'hxxp://example[.]com', kind: 'url', value: 'http://example.com/' }, { raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' }, { raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('hxxp://example[.]com and 8.8.8.8 8.8.8.8');
    await sees('2 indicators recognised');
    await sees('http://example.com/');
  });

  it('groups the digits of a large number', async () => {
    extracts(...Array.from({ length: 1000 }, (_, index) => ({ raw: `10.0.0.${index}`, kind: 'ipv4' as const, value: `10.0.0.${index}` })));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('a thousand');
    await sees('1,000 indicators recognised');
    await sees('and 992 more');
  });

  it('names the kind that is defined on this installation', async () => {
    extracts();
    const indicator = { id: 'x', kind: 'custom', custom_kind: 'employee_id', value: 'employee_id:E-1' } as const;
    server.use(reply<DetectValueData, DetectValueResponses>('get', '/api/v1/detect', { input: 'E-1', detection: { result: 'detected', indicator } }));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('E-1');
    await sees('employee_id');
    server.use(
      reply<DetectValueData, DetectValueResponses>('get', '/api/v1/detect', {
        input: 'E-12',
        detection: { result: 'ambiguous', candidates: [indicator, { ...indicator, id: 'y', custom_kind: 'badge' }] },
      }),
    );
    await wrapper.get('textarea').setValue('E-12');
    await sees('This may be any of: employee_id, badge.');
  });

  it('says why a value is no indicator', async () => {
    extracts();
    server.use(
      reply<DetectValueData, DetectValueResponses>('get', '/api/v1/detect', { input: 'hello', detection: { result: 'rejected', reason: 'unrecognised', message: '' } }),
    );
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('hello');
    await sees('This looks like no kind of indicator');
  });

  it('sends the text as it is, with the playbook, and goes to the result', async () => {
    extracts({ raw: '8[.]8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    shows({}, [item()]);
    let sent: { body: string; query: string; type: string | null } | undefined;
    const take = async (request: Request) => {
      sent = { body: await request.text(), query: new URL(request.url).search, type: request.headers.get('content-type') };
      return submission() as never;
    };
    server.use(reply<CreateSubmissionData, CreateSubmissionResponses>('post', '/api/v1/submissions', ({ request }) => take(request), 202));
    const wrapper = await open('/');
    await sees('Local intelligence only');
    const [playbooks, levels] = wrapper.findAll('select');
    await playbooks?.setValue('keyless');
    await levels?.setValue('red');
    await sees('Nobody outside is asked');
    await wrapper.get('textarea').setValue('see 8[.]8.8.8');
    await wrapper.get('textarea').trigger('keydown', { key: 'Enter' });
    await vi.waitFor(() => expect(mounted.router.currentRoute.value.path).toBe('/lookup/17'));
    expect(sent?.body).toBe('see 8[.]8.8.8');
    expect(sent?.query).toBe('?playbook=keyless&text=prose&tlp=red');
    expect(sent?.type).toBe('text/plain');
  });

  it('shows the text that belongs to the page', async () => {
    extracts({ raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    shows({}, [item()]);
    let made = 16;
    server.use(reply<CreateSubmissionData, CreateSubmissionResponses>('post', '/api/v1/submissions', () => submission({ id: (made += 1) }) as never, 202));
    const wrapper = await open('/');
    const box = wrapper.get('textarea');
    const goesTo = (path: string) => vi.waitFor(() => expect(mounted.router.currentRoute.value.path).toBe(path));
    for (const [text, path] of [['first 8.8.8.8', '/lookup/17'], ['second 8.8.8.8', '/lookup/18']] as const) {
      await box.setValue(text);
      await wrapper.get('form').trigger('submit');
      await goesTo(path);
    }
    const back = async (path: string, text: string) => {
      mounted.router.back();
      await goesTo(path);
      await vi.waitFor(() => expect(box.element.value).toBe(text));
    };
    await back('/lookup/17', 'first 8.8.8.8');
    await back('/', 'first 8.8.8.8');
    await mounted.router.push('/lookup/3');
    await vi.waitFor(() => expect(box.element.value).toBe(''));
  });

  it('sends again under the same key when the answer was lost', async () => {
    extracts({ raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    const sent: (string | null)[] = [];
    server.use(unreachable<CreateSubmissionData>('post', '/api/v1/submissions', ({ headers }) => void sent.push(headers.get('idempotency-key'))));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('8.8.8.8');
    for (const count of [1, 2]) {
      await wrapper.get('form').trigger('submit');
      await vi.waitFor(() => expect(sent).toHaveLength(count));
      await sees('The server cannot be reached');
    }
    expect(sent[1]).toBe(sent[0]);
  });

  it('shows the problem when it cannot be sent', async () => {
    extracts({ raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    server.use(fail<CreateSubmissionData>('post', '/api/v1/submissions', 'backlog_full', 503));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('8.8.8.8');
    await wrapper.get('form').trigger('submit');
    await sees('next step of backlog_full');
  });

  it('shows what is recognised again when the text that could not be sent changes', async () => {
    extracts({ raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    server.use(fail<CreateSubmissionData>('post', '/api/v1/submissions', 'backlog_full', 503));
    const wrapper = await open('/');
    await wrapper.get('textarea').setValue('8.8.8.8');
    await wrapper.get('form').trigger('submit');
    await sees('next step of backlog_full');
    await wrapper.get('textarea').setValue('8.8.8.8 again');
    await sees('1 indicator recognised');
    expect(document.body.textContent).not.toContain('next step of backlog_full');
  });

  it.each([
    ['another page', () => leave('/bulk'), '/bulk'],
    ['another result', () => mounted.router.push('/lookup/3'), '/lookup/3'],
  ])('does not call back who went on to %s while it was sent', async (_, goOn, path) => {
    extracts({ raw: '8.8.8.8', kind: 'ipv4', value: '8.8.8.8' });
    shows({}, [item()]);
    const [asked, answer] = [gate(), gate()];
    server.use(
      reply<CreateSubmissionData, CreateSubmissionResponses>('post', '/api/v1/submissions', async () => {
        asked.open();
        await answer.opened;
        return submission() as never;
      }, 202),
    );
    const wrapper = await open('/');
    const push = vi.spyOn(mounted.router, 'push');
    await wrapper.get('textarea').setValue('8.8.8.8');
    await wrapper.get('form').trigger('submit');
    await asked.opened;
    await goOn();
    answer.open();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(push.mock.calls).toEqual([[path]]);
  });
});
