/**
 * Why a call failed, in short, by the code that is recorded with it.
 *
 * @module
 */
import { useTranslations } from 'use-intl';

/** Of a code that is a provider's own, that code: it is the provider's word. */
export function useFailureText(): (code: string) => string {
  const t = useTranslations('calls.failures');
  return (code) => {
    // Of any code it can be asked whether there is a text for it.
    const own = code as 'provider_error';
    return t.has(own) ? t(own) : code;
  };
}
