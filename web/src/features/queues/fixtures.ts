import type { DeadLetter, Queue, QueueDepth, SourceQueue, UnitCounts, Worker } from '@/api';

// What tests of this feature say the API answered.

function depth(units: Partial<UnitCounts>): QueueDepth {
  const all = { queued: 0, offered: 0, running: 0, parked: 0, waiting: 0, dead: 0, ...units };
  return { units: all, in_flight: all.offered + all.running, oldest_age_seconds: all.queued > 0 ? 12 : null, next_due_at: null, done_per_minute: 7 };
}

/** A queue with so many units. */
export function queue(name: string, units: Partial<UnitCounts> = {}): Queue {
  return { name, paused_at: null, depth: depth(units), window: { waiting: 0, in_flight: 0, slots: 24, workers: 1 } };
}

/** The queue of a source with so many lookups. */
export function sourceQueue(source: string, units: Partial<UnitCounts> = {}, changes: Partial<SourceQueue> = {}): SourceQueue {
  const limits = [{ window_seconds: 60, calls: 5, allowed: 1, next_at: null }];
  return { source, source_name: `Name of ${source}`, depth: depth(units), concurrency: 2, failures: 0, hold: null, limits, ...changes };
}

/** A worker that lives. */
export function worker(changes: Partial<Worker> = {}): Worker {
  const at = '2026-11-21T02:03:04.567Z';
  return { name: 'host-1', version: '0.1.0', alive: true, slots: 24, running: 3, finished: 1234, stale_refused: 0, alone: false, started_at: at, seen_at: at, ...changes };
}

/** A lookup that was given up. */
export function deadLetter(id: number, changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id,
    source: 'crtsh',
    kind: 'domain',
    value: 'www.example.com',
    outcome: 'unavailable',
    reason: 'status 500',
    tries: 4,
    ordinal: 0,
    submission_id: 17,
    finished_at: '2026-11-21T02:03:04.567Z',
    ...changes,
  };
}
