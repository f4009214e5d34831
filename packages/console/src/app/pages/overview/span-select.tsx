/**
 * Which span of time is looked at.
 *
 * @module
 */
import { NativeSelect } from '@mantine/core';
import { useTranslations } from 'use-intl';

const spans = ['day', 'week', 'month', 'quarter'] as const;
export type SpanName = (typeof spans)[number];

export function SpanSelect({ value, onChange }: { value: SpanName; onChange: (span: SpanName) => void }) {
  const t = useTranslations('overview.span');
  return (
    <NativeSelect
      aria-label={t('label')}
      value={value}
      onChange={({ currentTarget }) => onChange(spans.find((span) => span === currentTarget.value) ?? value)}
      data={spans.map((span) => ({ value: span, label: t(span) }))}
    />
  );
}
