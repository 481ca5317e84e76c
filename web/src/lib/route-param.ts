import { refDebounced } from '@vueuse/core';
import { computed, ref, watch, type Ref, type WritableComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/** A parameter of the page's address, so that a filtered list has a permalink. Empty means absent; what is not `allowed` counts as empty. */
export function useRouteParam<Value extends string>(name: string, allowed?: readonly Value[]): WritableComputedRef<Value | ''> {
  const route = useRoute();
  const router = useRouter();
  return computed({
    get: () => {
      const value = route.query[name];
      if (typeof value !== 'string') return '';
      return !allowed || (allowed as readonly string[]).includes(value) ? (value as Value) : '';
    },
    set: (value) => void router.replace({ query: { ...route.query, [name]: value || undefined }, hash: route.hash }),
  });
}

/** What is typed into a search field: the address has it once typing pauses, and the field follows an address that changed elsewhere. */
export function useTypedParam(name: string): { typed: Ref<string>; param: WritableComputedRef<string> } {
  const param = useRouteParam<string>(name);
  const typed = ref(param.value);
  // What the address has from here: while one goes on typing it must not come back into the field.
  let written = param.value;
  watch(refDebounced(typed, 250), (text) => {
    written = text;
    if (text !== param.value) param.value = text;
  });
  watch(param, (text) => {
    if (text === written) return;
    written = text;
    typed.value = text;
  });
  return { typed, param };
}

/** Takes parameters out of the page's address, all in one go: each by itself would bring the others back. */
export function useClearedRoute(...names: readonly string[]): () => void {
  const route = useRoute();
  const router = useRouter();
  return () => {
    const kept = Object.entries(route.query).filter(([name]) => !names.includes(name));
    void router.replace({ query: Object.fromEntries(kept), hash: route.hash });
  };
}
