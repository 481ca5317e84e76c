import type { Finding, Item, Lookup, Playbook, Submission } from '@/api';

const at = '2026-11-21T02:03:04.567Z';

/** A playbook that comes with the program. */
export function playbook(slug: string, name: string): Playbook {
  return {
    slug,
    name,
    built_in: true,
    sources: slug === 'local' ? { choice: 'local' } : { choice: 'keyless' },
    follow: [],
    max_depth: 0,
    max_derived: 1000,
    max_per_root: 100,
    created_at: null,
    updated_at: null,
  };
}

/** A submission of one item that is done; `changes` goes over it. */
export function submission(changes: Partial<Submission> = {}): Submission {
  return {
    id: 17,
    state: 'done',
    label: null,
    tlp: 'amber',
    playbook: 'local',
    format: 'json',
    rerun_of: null,
    created_at: at,
    sealed_at: at,
    finished_at: at,
    lines: 1,
    rejected: 0,
    repeated: 0,
    total: 1,
    derived: 0,
    total_final: true,
    done: 1,
    cancelled: 0,
    verdicts: { malicious: 1, suspicious: 0, benign: 0, unknown: 0 },
    seq: 2,
    ...changes,
  };
}

/** A done, malicious domain; `changes` goes over it. */
export function item(changes: Partial<Item> = {}): Item {
  return {
    ordinal: 0,
    indicator_id: 'bd7b0ec1dd1af301364f32ea6ee5c965',
    kind: 'domain',
    value: 'example.com',
    state: 'done',
    contexts: [{ line: 1, position: 0, port: null, raw: 'example[.]com' }],
    more_contexts: false,
    depth: 0,
    derived_from: null,
    lookups_open: 0,
    seq: 2,
    verdict: {
      stance: 'malicious',
      confidence: 80,
      reasons: [{ source: 'threatfox-domains', stance: 'malicious', confidence: 80, text: 'Listed by ThreatFox', caps: false, failed: null }],
    },
    ...changes,
  };
}

/** What ThreatFox says about it; `changes` goes over it. */
export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    source: 'threatfox-domains',
    source_name: 'ThreatFox domains',
    version: 1,
    outcome: 'found',
    stance: 'malicious',
    confidence: 80,
    summary: 'Listed by ThreatFox domains',
    caps: false,
    found_at: at,
    checked_at: at,
    data: {},
    ...changes,
  };
}

/** A lookup that ended well; `changes` goes over it. */
export function lookup(changes: Partial<Lookup> = {}): Lookup {
  return {
    id: 12,
    source: 'rdap',
    source_name: 'RDAP',
    state: 'done',
    outcome: 'found',
    reason: null,
    tries: 1,
    created_at: at,
    due_at: null,
    finished_at: at,
    ...changes,
  };
}
