import { useNow } from '@vueuse/core';
import { computed, effectScope } from 'vue';

const clock = effectScope(true).run(() => useNow({ interval: 1000 }));

/** The time in milliseconds, for all ages on a page: one timer. */
export const now = computed(() => clock?.value.getTime() ?? Date.now());
