/**
 * The sentence for an error, in the page's language.
 *
 * @module
 */
import { useTranslations } from 'use-intl';
import { ApiFault } from '../lib/api-fault.ts';
import { errorFamily } from '../lib/error-family.ts';
import { useFormats } from '../lib/use-formats.ts';

/** The catalogue's for the code, or for codes like it; else, of a code from elsewhere, the server's own. */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations('errors');
  const { day } = useFormats();
  return (error) => {
    if (!(error instanceof ApiFault)) return t('unknown');
    const { code, message } = error;
    // Of any code it can be asked whether there is a text for it.
    const own = code as 'unknown';
    const family = errorFamily(code);
    const key = t.has(own) ? own : family ? (`families.${family}` as const) : undefined;
    if (key === undefined) return message;
    // What an older gateway, or a run of long ago, did not say.
    const wanted = String(t.raw(key)).matchAll(/\{(\w+)[,}]/g);
    const unsaid = Object.fromEntries([...wanted].map(([, name]) => [name!, '–']));
    const said = Object.entries(error.values).map(([name, value]) => [
      name,
      typeof value === 'string' ? day(value) : value,
    ]);
    return t(key, { ...unsaid, ...Object.fromEntries(said), code });
  };
}
