/**
 * The filters of calls.
 *
 * @module
 */
import { Button, Fieldset, Group, NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { NumberField } from '../../components/number-field.tsx';
import { api, read } from '../../lib/api.ts';
import type { CallChoice, FilterName } from './filters.ts';

const routes = ['teacher', 'shadow', 'cascade', 'student'] as const;
const answerers = ['teacher', 'student', 'cache'] as const;
const statuses = ['ok', 'error', 'aborted'] as const;
export const reasons = [
  'route',
  'confident',
  'unsure',
  'no-certificate',
  'no-student',
  'withdrawn',
  'student-failed',
  'request-unsupported',
  'cached',
] as const;
const spanNames = ['all', 'hour', 'day', 'week', 'month'] as const;

export function FilterForm({ choice }: { choice: CallChoice }) {
  const t = useTranslations('calls');
  const common = useTranslations('common');
  const known = useQuery({ queryKey: ['calls', 'choices'], queryFn: () => read(api.calls.choices.$get()) });
  const { filters, span, set, clear } = choice;
  const select = (name: FilterName, label: string, options: readonly { value: string; label: string }[]) => (
    <NativeSelect
      label={label}
      size="xs"
      value={filters[name] ?? ''}
      onChange={({ currentTarget }) => set(name, currentTarget.value)}
      data={[{ value: '', label: t('any') }, ...options]}
    />
  );
  const text = (name: FilterName, label: string) => (
    <TextInput
      label={label}
      size="xs"
      key={`${name}-${filters[name] ?? ''}`}
      defaultValue={filters[name] ?? ''}
      onBlur={({ currentTarget }) => set(name, currentTarget.value.trim())}
      onKeyDown={({ key, currentTarget }) => key === 'Enter' && set(name, currentTarget.value.trim())}
    />
  );
  const share = (name: FilterName, label: string) => (
    <NumberField
      // A field begins anew when the address says something else.
      key={`${name}-${filters[name] ?? ''}`}
      label={label}
      size="xs"
      least={0}
      most={1}
      value={filters[name] === undefined ? null : Number(filters[name])}
      onCommit={(value) => set(name, value === null ? '' : String(value))}
    />
  );
  const yesNo = (yes: string, no: string) => [
    { value: 'true', label: yes },
    { value: 'false', label: no },
  ];
  const names = (list: readonly string[] = []) => list.map((value) => ({ value, label: value }));
  return (
    <Fieldset legend={t('filters')} mb="md" miw={0} style={{ minInlineSize: 0 }}>
      <SimpleGrid cols={{ base: 1, xs: 2, sm: 3, lg: 5 }} spacing="sm" verticalSpacing="xs">
        <NativeSelect
          label={t('span')}
          size="xs"
          value={span}
          onChange={({ currentTarget }) => set('span', currentTarget.value)}
          data={spanNames.map((value) => ({ value, label: t(`spans.${value}`) }))}
        />
        {select('task', t('task'), names(known.data?.tasks))}
        {select(
          'route',
          t('route'),
          routes.map((value) => ({ value, label: common(`route.${value}`) })),
        )}
        {select(
          'answeredBy',
          t('answeredBy'),
          answerers.map((value) => ({ value, label: t(`by.${value}`) })),
        )}
        {select(
          'status',
          t('status'),
          statuses.map((value) => ({ value, label: t(`statuses.${value}`) })),
        )}
        {select(
          'reason',
          t('reason'),
          reasons.map((value) => ({ value, label: t(`reasons.${value}`) })),
        )}
        {select('agreed', t('agreed'), yesNo(t('agreedYes'), t('agreedNo')))}
        {select('audited', t('audited'), yesNo(t('yes'), t('no')))}
        {select('certified', t('certified'), yesNo(t('yes'), t('no')))}
        {select(
          'keyId',
          t('key'),
          (known.data?.keys ?? []).map(({ id, name }) => ({ value: id, label: name })),
        )}
        {select('provider', t('provider'), names(known.data?.providers))}
        {text('model', t('model'))}
        {share('minConfidence', t('minConfidence'))}
        {share('maxConfidence', t('maxConfidence'))}
      </SimpleGrid>
      <Group mt="sm">
        <Button size="compact-sm" variant="default" onClick={clear}>
          {t('clear')}
        </Button>
      </Group>
    </Fieldset>
  );
}
