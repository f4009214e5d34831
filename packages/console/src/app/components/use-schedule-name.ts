/**
 * What a schedule is called in the page's language.
 *
 * @module
 */
import { useTranslations } from 'use-intl';

/** One that this version doesn't know is called as it calls itself. */
export function useScheduleName(): (schedule: string) => string {
  const t = useTranslations('runs.schedules');
  return (schedule) => {
    const key = schedule as 'sequential';
    return t.has(key) ? t(key) : schedule;
  };
}
