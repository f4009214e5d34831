/**
 * While something is on its way. Nothing is shown at first: what comes at once needs no announcement.
 *
 * @module
 */
import { Loader, VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';

/** Before this nobody has begun to wait, milliseconds. */
const patienceMs = 300;

export function Loading() {
  const t = useTranslations('common');
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const clock = window.setTimeout(() => setIsLong(true), patienceMs);
    return () => window.clearTimeout(clock);
  }, []);
  return isLong ? (
    <output>
      <Loader type="dots" aria-hidden />
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
    </output>
  ) : null;
}
