import type { ListPlaybooksData, ListPlaybooksResponses } from '@/api';
import { playbook } from './fixtures';
import { reply } from './reply';

/** What the mocked API answers when a test says nothing else. Each feature adds its own list beside its tests where it needs more. */
export const handlers = [
  reply<ListPlaybooksData, ListPlaybooksResponses>('get', '/api/v1/playbooks', {
    playbooks: [playbook('keyless', 'Everything that needs no key'), playbook('local', 'Local intelligence only')],
    next: null,
  }),
];
