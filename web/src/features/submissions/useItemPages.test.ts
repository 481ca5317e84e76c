import { afterEach, expect, it, vi } from 'vitest';
import { effectScope } from 'vue';
import type { ListSubmissionItemsData, ListSubmissionItemsResponses } from '@/api';
import { item } from '@/mocks/fixtures';
import { fail, reply } from '@/mocks/reply';
import { server } from '@/mocks/server';
import { useItemPages } from './useItemPages';

const ITEMS = '/api/v1/submissions/{id}/items';
const lists = (value: string) => reply<ListSubmissionItemsData, ListSubmissionItemsResponses>('get', ITEMS, { items: [item({ value })], next: null });
const scope = effectScope();
afterEach(() => scope.stop());

it('says over the old rows that the new ones did not come, and asks again', async () => {
  server.use(lists('old.example'));
  const table = scope.run(() => useItemPages({ id: 17, filter: { verdict: 'malicious' }, expected: undefined, dense: 0 }));
  await vi.waitFor(() => expect(table?.row(0)?.value).toBe('old.example'));
  server.use(fail<ListSubmissionItemsData>('get', ITEMS, 'internal', 500));
  table?.changed();
  await vi.waitFor(() => expect(table?.state.value.error).toMatchObject({ id: 'internal' }));
  expect(table?.row(0)?.value).toBe('old.example');
  server.use(lists('new.example'));
  table?.retry();
  await vi.waitFor(() => expect(table?.row(0)?.value).toBe('new.example'));
  expect(table?.state.value.error).toBeUndefined();
});
