import type { Item, ItemState, Stance } from '@/api';
import { kindOf } from '@/lib/kind-name';

/** What one row of the table shows: an item without what only its detail shows, so that many fit into little memory. */
export interface ItemRow {
  ordinal: number;
  /** A built-in one, or the slug of a custom one. */
  kind: string;
  value: string;
  state: ItemState;
  stance: Stance | undefined;
  confidence: number;
  reason: string;
  line: number | undefined;
}

/** Cuts an item down to its row. */
export function toRow(item: Item): ItemRow {
  const { ordinal, value, state, verdict, contexts } = item;
  return {
    ordinal,
    kind: kindOf(item),
    value,
    state,
    stance: verdict?.stance,
    confidence: verdict?.confidence ?? 0,
    reason: verdict?.reasons[0]?.text ?? '',
    line: contexts[0]?.line,
  };
}
