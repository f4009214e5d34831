/**
 * A student's place in service, in a word or two.
 *
 * @module
 */
import { Badge } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { Place } from './use-students.ts';

export function PlaceBadges({
  place: { current, pinned, withdrawnAt },
}: {
  place: Pick<Place, 'current' | 'pinned' | 'withdrawnAt'>;
}) {
  const t = useTranslations('students');
  return (
    <>
      {current && <Badge variant="outline">{t('current')}</Badge>}
      {pinned && (
        <Badge variant="outline" color="gray">
          {t('pinned')}
        </Badge>
      )}
      {withdrawnAt !== null && (
        <Badge variant="outline" color="red">
          {t('withdrawn')}
        </Badge>
      )}
    </>
  );
}
