import { useMutation, useQueryClient } from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { cancelLookupMutation, getSubmissionItemQueryKey, getSubmissionQueryKey, listSubmissionItemsQueryKey, retryLookupMutation } from '@/api/@tanstack/vue-query.gen';

/**
 * Retries or cancels one lookup of an item; the submission runs again, so it is read again, and its stream with it. `onChange` is for what
 * Vue Query does not keep.
 */
export function useLookupActions(id: MaybeRefOrGetter<number>, ordinal: MaybeRefOrGetter<number>, onChange?: () => void) {
  const client = useQueryClient();
  const onSuccess = async () => {
    const path = { id: toValue(id) };
    await client.invalidateQueries({ queryKey: getSubmissionQueryKey({ path }) });
    await client.invalidateQueries({ queryKey: listSubmissionItemsQueryKey({ path }) });
    await client.invalidateQueries({ queryKey: getSubmissionItemQueryKey({ path: { ...path, ordinal: toValue(ordinal) } }) });
    onChange?.();
  };
  const retry = useMutation({ ...retryLookupMutation(), onSuccess });
  const cancel = useMutation({ ...cancelLookupMutation(), onSuccess });
  const error = computed(() => retry.error.value ?? cancel.error.value);
  return { retry, cancel, error };
}
