import { usePreferredDark, useStorage } from '@vueuse/core';
import { computed, watchEffect } from 'vue';

/** What the reader chose; `system` follows the machine. The same key is read by `public/theme.js` before the first paint. */
export type Theme = 'system' | 'light' | 'dark';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

const theme = useStorage<Theme>('theme', 'system');
const preferredDark = usePreferredDark();

/** True while the dark colours are shown; charts follow it. */
export const isDark = computed(() => theme.value === 'dark' || (theme.value !== 'light' && preferredDark.value));

watchEffect(() => document.documentElement.classList.toggle('dark', isDark.value));

/** The chosen theme and how to go to the next one. */
export function useTheme() {
  const next = () => {
    theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
  };
  return { theme, isDark, next };
}
