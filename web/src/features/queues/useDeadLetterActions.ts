import { computed, ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { formatCount } from '@/lib/format';
import { useErrorLine } from '@/lib/problem-words';
import { notify } from '@/ui/notify';
import { useDiscard, useReplay, type DeadLetterFilter } from './queues.queries';

/** Which letters an action takes: one by its id, or all that match. */
export type Chosen = DeadLetterFilter & { id?: number };

/** What waits for a yes. */
export interface Question {
  action: 'replay' | 'discard';
  chosen: Chosen;
}

/** Replaying and discarding, each followed by a word about how many moved and what comes next. What takes many, or loses one, waits for a yes. */
export function useDeadLetterActions() {
  const { t, locale } = useI18n();
  const lineOf = useErrorLine();
  const actions = { replay: useReplay(), discard: useDiscard() };
  const asked = ref<Question>();
  const done = { replay: 'replayed', discard: 'discarded' } as const;

  const act = ({ action, chosen }: Question) =>
    actions[action].mutate(
      { query: chosen },
      {
        onSuccess: ({ moved }) => void notify.success(t(`queues.dead.${done[action]}`, { count: formatCount(moved, locale.value) }, moved)),
        onError: async (error: unknown) => void notify.error(`${t('queues.dead.failed')} ${await lineOf(error)}`),
        onSettled: () => (asked.value = undefined),
      },
    );

  return {
    busy: computed(() => actions.replay.isPending.value || actions.discard.isPending.value),
    /** What the open question is about; none, and no question is open. */
    asked,
    act,
  };
}
