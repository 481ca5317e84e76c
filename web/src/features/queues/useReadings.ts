import { computed, shallowRef, watch, type Ref } from 'vue';
import { now } from '@/lib/now';
import { REFRESH_MS } from './queues.queries';
import { SampleRing, type Readings, type Sample } from './sample-ring';

/** The longest window a chart shows, minutes. */
export const WINDOWS = [5, 15, 60] as const;
const CAPACITY = (60 * 60_000) / REFRESH_MS;

/** A ring that lives as long as the tab, so that coming back to the page finds what was read before. */
function ring() {
  return { samples: new SampleRing(CAPACITY, 4 * REFRESH_MS), version: shallowRef(0) };
}
const rings = { queues: ring(), sources: ring() };
export type RingName = keyof typeof rings;

/** Keeps each new sample in the named ring. */
export function useSampling(name: RingName, sample: () => Sample | undefined): void {
  const { samples, version } = rings[name];
  watch(
    sample,
    (read) => {
      if (!read) return;
      samples.push(read);
      version.value += 1;
    },
    { immediate: true },
  );
}

/** The readings of the last `minutes` of the named series, fresh with each sample; and the window itself, in seconds. */
export function useReadings(name: Ref<RingName>, series: Ref<readonly string[]>, minutes: Ref<number>) {
  const readings = computed<Readings>(() => {
    const { samples, version } = rings[name.value];
    void version.value;
    return samples.since(Date.now() - minutes.value * 60_000, series.value);
  });
  const range = computed<[from: number, to: number]>(() => {
    const to = Math.max(now.value / 1000, readings.value.times.at(-1) ?? 0);
    return [to - minutes.value * 60, to];
  });
  return { readings, range };
}
