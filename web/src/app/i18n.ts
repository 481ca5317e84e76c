import { createI18n } from 'vue-i18n';
import { notify } from '@/ui/notify';
import type { Messages } from './locales/merge';

/** Languages the app speaks. Each is one lazy chunk made of all features' files. */
export const languages = { en: 'English', fr: 'Français' } as const;
export type Language = keyof typeof languages;

const load: Record<Language, () => Promise<{ default: Messages }>> = {
  en: () => import('./locales/en'),
  fr: () => import('./locales/fr'),
};

/** The instance; strings of a feature stand under the feature's name: `lookup.submit`. */
export const i18n = createI18n<false>({
  legacy: false,
  locale: 'en',
  fallbackLocale: false,
  missingWarn: import.meta.env.DEV,
  messages: {},
  // French counts nought as one; of three forms the first is for nought.
  pluralRules: { fr: (count, forms) => (forms === 3 ? Math.min(count, 2) : count > 1 ? 1 : 0) },
});

function isLanguage(name: string | null | undefined): name is Language {
  return name !== null && name !== undefined && Object.hasOwn(languages, name);
}

/** What was chosen on this machine; nothing where the browser keeps the storage shut. */
function chosenLanguage(): string | null {
  try {
    return localStorage.getItem('language');
  } catch {
    return null;
  }
}

/** The reader's choice, else the first language of the browser that the app speaks, else English. */
export function preferredLanguage(): Language {
  const chosen = chosenLanguage();
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

/** Loads a language and speaks it. */
export async function speak(language: Language): Promise<void> {
  if (!i18n.global.availableLocales.includes(language)) {
    i18n.global.setLocaleMessage(language, (await load[language]()).default);
  }
  i18n.global.locale.value = language;
  document.documentElement.lang = language;
}

/** Speaks a language, or English where its chunk cannot be loaded. */
export async function speakOrEnglish(language: Language): Promise<void> {
  try {
    await speak(language);
  } catch (error) {
    if (language === 'en') throw error;
    reportError(error);
    await speak('en');
  }
}

/** Speaks it from now on, on this machine where the browser lets us keep it. Where it cannot be loaded it says so, and all stays as it is. */
export async function choose(language: Language): Promise<void> {
  try {
    await speak(language);
  } catch (error) {
    reportError(error);
    notify.error(i18n.global.t('app.languageFailed', { language: languages[language] }));
    return;
  }
  try {
    localStorage.setItem('language', language);
  } catch {
    // Until the page is loaded again, then.
  }
}
