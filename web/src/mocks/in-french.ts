import { speak } from '@/app/i18n';

/** Runs a part of a test in French, and speaks English again. */
export async function inFrench(run: () => Promise<void>): Promise<void> {
  await speak('fr');
  try {
    await run();
  } finally {
    await speak('en');
  }
}
