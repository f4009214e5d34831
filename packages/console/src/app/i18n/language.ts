/**
 * The languages that there are catalogues for, and which one a user sees.
 *
 * @module
 */

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

/** As each calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

const place = 'kolben-language';

export function isLanguage(text: unknown): text is Language {
  return languages.includes(text as Language);
}

/** The one that was chosen, else the first of the browser's that there is, else English. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(place);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(place, language);
}

/** Numbers and dates as the user's own region writes them, where the browser names one: `de-AT` for German. */
export function formatLocale(language: string): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
}
