import { mount } from '@vue/test-utils';
import { HttpResponse, http } from 'msw';
import { afterEach, expect, it, vi } from 'vitest';
import { getStats, type GetStatsData } from '@/api';
import { ApiError } from '@/lib/api-error';
import french from '@/locales/problems.fr';
import { server } from '@/mocks/server';
import { speak } from '@/mocks/speak';
import ErrorCard from './ErrorCard.vue';

const url: GetStatsData['url'] = '/api/v1/stats';
async function failure(id: string): Promise<unknown> {
  const problem = { type: '', id, title: 'The title', status: 500, detail: 'the pool is empty', next_step: 'Do something.' };
  server.use(http.get(`*${url}`, () => HttpResponse.json(problem, { status: 500, headers: { 'x-request-id': 'b3f1-77' } })));
  return getStats({ throwOnError: true }).catch((error: unknown) => error);
}
afterEach(() => speak('en'));

it('says what the API says, and the number the operator finds it by', async () => {
  const card = mount(ErrorCard, { props: { error: await failure('internal'), retry: () => {} } });
  for (const text of ['The title', 'the pool is empty', 'Do something.', 'Request b3f1-77', 'Try again']) expect(card.text()).toContain(text);
  expect(card.find('[lang]').exists()).toBe(false);
});

it('says it in French, with the server’s own line as it is', async () => {
  await speak('fr');
  const card = mount(ErrorCard, { props: { error: await failure('internal') } });
  await vi.waitFor(() => expect(card.text()).toContain(french.internal.title));
  expect(card.text()).toContain(french.internal.next);
  expect(card.get('[lang=en]').text()).toBe('the pool is empty');
  const unknown = mount(ErrorCard, { props: { error: await failure('of_a_newer_server') } });
  expect(unknown.findAll('[lang=en]').map((part) => part.text())).toEqual(['The title', 'the pool is empty', 'Do something.']);
});

it('has words for whoever does not answer', () => {
  const card = mount(ErrorCard, { props: { error: new ApiError(undefined, undefined) } });
  expect(card.text()).toContain('The server cannot be reached');
});
