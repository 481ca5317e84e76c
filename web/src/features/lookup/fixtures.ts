import { expect, vi } from 'vitest';
import type {
  ExtractIndicatorsData,
  ExtractIndicatorsResponses,
  Finding,
  GetSubmissionData,
  GetSubmissionItemData,
  GetSubmissionItemResponses,
  GetSubmissionResponses,
  Item,
  ListSubmissionItemsData,
  ListSubmissionItemsResponses,
  Lookup,
} from '@/api';
import { item, submission } from '@/mocks/fixtures';
import { mountAt } from '@/mocks/mount-page';
import { reply } from '@/mocks/reply';
import { server } from '@/mocks/server';
import LookupPage from './pages/LookupPage.vue';

/** The page at an address. */
export const openAt = (path: string) => mountAt(LookupPage, path);
/** Waits until the page says so. */
export const sees = (text: string) => vi.waitFor(() => expect(document.body.textContent).toContain(text), { timeout: 5000 });

/** What is found in any text. */
export function extracts(...found: { raw: string; kind: 'ipv4' | 'url'; value: string }[]): void {
  server.use(
    reply<ExtractIndicatorsData, ExtractIndicatorsResponses>('post', '/api/v1/extract', {
      counts: [],
      indicators: found.map(({ raw, kind, value }, index) => ({ raw, start: index, end: index + 1, indicator: { id: value, kind, value } })),
    }),
  );
}

export const facts = { defanged: 'example[.]com', host: null, registrable_domain: 'example.com', public_suffix: 'com', namespace: 'icann', special_range: null } as const;
/** A submission with its items; what is known of each. */
export function shows(state: Partial<Parameters<typeof submission>[0]>, items: Item[], findings: Finding[] = [], lookups: Lookup[] = []): void {
  server.use(
    reply<GetSubmissionData, GetSubmissionResponses>('get', '/api/v1/submissions/{id}', submission(state)),
    reply<ListSubmissionItemsData, ListSubmissionItemsResponses>('get', '/api/v1/submissions/{id}/items', { items, next: null }),
    reply<GetSubmissionItemData, GetSubmissionItemResponses>('get', '/api/v1/submissions/{id}/items/{ordinal}', ({ params }) => ({
      item: items[Number(params['ordinal'])] ?? item(),
      facts,
      findings,
      lookups,
    })),
  );
}
