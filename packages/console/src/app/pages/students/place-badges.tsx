/**
 * A student's place in service, in a word or two.
 *
 * @module
 */
import { Badge } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { ServiceBadge } from '../../components/service-badge.tsx';
import type { Place } from './use-students.ts';

export function PlaceBadges({
  place: { state, pinned, withdrawnAt },
}: {
  place: Pick<Place, 'state' | 'pinned' | 'withdrawnAt'>;
}) {
  const t = useTranslations('students');
  return (
    <>
      {state !== 'waiting' && <ServiceBadge state={state} />}
      {pinned && (
        <Badge variant="outline" color="gray" tt="none">
          {t('pinned')}
        </Badge>
      )}
      {state === 'waiting' && withdrawnAt !== null && (
        <Badge variant="outline" color="red" tt="none">
          {t('withdrawnBefore')}
        </Badge>
      )}
    </>
  );
}
