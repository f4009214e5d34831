/**
 * Keys, budgets and the audit log: three views under one page, each with its address.
 *
 * @module
 */
import { Tabs } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { PageHeader } from '../../components/page-header.tsx';
import { AuditLog } from './audit-log.tsx';
import { Budgets } from './budgets.tsx';
import { KeyList } from './key-list.tsx';

const views = { keys: KeyList, budgets: Budgets, audit: AuditLog } as const;
type View = keyof typeof views;
const names = Object.keys(views) as View[];

export default function KeysPage() {
  const t = useTranslations('keys');
  const [location, go] = useLocation();
  const current = names.find((name) => location === `/${name}`) ?? 'keys';
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <Tabs
        value={current}
        onChange={(name) => go(name === null || name === 'keys' ? '/' : `/${name}`)}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {names.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {names.map((name) => {
          const View = views[name];
          return (
            <Tabs.Panel key={name} value={name}>
              <View />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </>
  );
}
