import { nextTick, onScopeDispose, ref, type Ref } from 'vue';
import { START_LOCATION, useRouter } from 'vue-router';

/**
 * On another page the focus goes where it begins, and its title is told to who cannot see it: else both stay at the link that was
 * followed. A page that puts the focus somewhere itself keeps it.
 */
export function useArrival(main: Readonly<Ref<HTMLElement | null>>): Readonly<Ref<string>> {
  const told = ref('');
  const stop = useRouter().afterEach(async (to, from, failure) => {
    if (failure || from === START_LOCATION || to.path === from.path) return;
    await nextTick();
    // After a window that closes with it has given the focus back.
    setTimeout(() => {
      told.value = document.title;
      if (main.value && !main.value.contains(document.activeElement)) main.value.focus({ preventScroll: true });
    });
  });
  onScopeDispose(stop);
  return told;
}
