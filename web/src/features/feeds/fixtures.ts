import type { Feed } from '@/api';

/** A feed that was refreshed; `changes` goes over it. */
export function feed(slug: string, changes: Partial<Feed> = {}): Feed {
  const at = '2026-11-21T02:03:04.567Z';
  return {
    slug,
    name: `Name of ${slug}`,
    provider: 'stamparm',
    provider_enabled: true,
    enabled: true,
    role: 'intel',
    location: 'https://lists.example/ipsum.txt',
    licence: 'Unlicense',
    definition: 'slug = "ipsum"\n',
    interval_seconds: 86_400,
    refresh_seconds: null,
    state: 'swapped',
    last_run: { state: 'swapped', reason: null, added: 12, removed: 3, entries: 28_431, finished_at: at },
    live_since: at,
    age_seconds: 120,
    entries: 28_431,
    bytes: 400_000,
    checked_at: at,
    accepted_at: at,
    failing_since: null,
    next_refresh_at: '2126-11-22T02:03:04.567Z',
    created_at: at,
    updated_at: at,
    ...changes,
  };
}
