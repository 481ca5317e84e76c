import { CircleX, Clock, Hourglass, Inbox, Play, Send } from '@lucide/vue';
import type { UnitCounts } from '@/api';

/** States a unit of work can wait in, in the order it goes through them, and the one it was given up in. */
export const unitStates = ['queued', 'offered', 'running', 'parked', 'waiting', 'dead'] as const satisfies readonly (keyof UnitCounts)[];

/** What shows each state. Only what may need somebody has a colour. */
export const unitLooks = {
  queued: { icon: Inbox, colour: '' },
  offered: { icon: Send, colour: '' },
  running: { icon: Play, colour: '' },
  parked: { icon: Clock, colour: 'text-suspicious' },
  waiting: { icon: Hourglass, colour: '' },
  dead: { icon: CircleX, colour: 'text-malicious font-medium' },
} as const;
