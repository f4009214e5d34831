/**
 * What an operator should know of before anything else.
 *
 * @module
 */
import { Alert, List } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useFormats } from '../../lib/use-formats.ts';
import type { OverviewData } from './overview-data.ts';

type Alarm = OverviewData['alarms'][number];

export function Alarms({ alarms }: { alarms: readonly Alarm[] }) {
  const t = useTranslations('overview');
  const tell = useTelling();
  if (alarms.length === 0)
    return (
      <Alert color="green" variant="outline" role="status">
        {t('noAlarms')}
      </Alert>
    );
  return (
    <Alert color="red" variant="outline" title={t('alarms')} role="status">
      <List spacing="xs" size="sm">
        {alarms.map((alarm) => (
          <List.Item key={JSON.stringify(alarm)}>{tell(alarm)}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function useTelling(): (alarm: Alarm) => string {
  const t = useTranslations('overview.alarm');
  const { money, percent, dateTime, duration } = useFormats();
  return (alarm) => {
    switch (alarm.kind) {
      case 'withdrawn':
        return t('withdrawn', { task: alarm.task, isForced: String(alarm.isForced) });
      case 'drift':
        return t('drift', { task: alarm.task, at: dateTime(alarm.at) });
      case 'budget': {
        const { of, used, budget } = alarm;
        const said = { of, name: alarm.name ?? '–', used: money(used), budget: money(budget) };
        return used >= budget
          ? t('budgetOver', said)
          : t('budget', { ...said, share: percent(used / budget, 0) });
      }
      case 'provider':
        return t('provider', { provider: alarm.provider, left: duration(alarm.leftAloneMs) });
      case 'recording':
        return t('recording', { waiting: alarm.waiting });
    }
  };
}
