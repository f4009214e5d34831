/**
 * Which student followed which.
 *
 * @module
 */
import { Anchor, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import classes from './families.module.css';
import { PlaceBadges } from './place-badges.tsx';
import { useStudentName } from './student-name.tsx';
import { type Family, type Place, type Students, useStudents } from './use-students.ts';

export function FamiliesPage() {
  const t = useTranslations('students');
  const query = useStudents();
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <Answer query={query}>
        {(students) =>
          students.trees.length === 0 ? (
            <EmptyState title={t('none')} command="npx kolben distill --task <task>">
              {t('noneHint')}
            </EmptyState>
          ) : (
            <Families students={students} />
          )
        }
      </Answer>
    </>
  );
}

function Families({ students: { trees, places } }: { students: Students }) {
  const t = useTranslations('students');
  const byTask = new Map<string | null, Family[]>();
  for (const tree of trees) {
    const task = taskOf(tree);
    byTask.set(task, [...(byTask.get(task) ?? []), tree]);
  }
  return (
    <Stack gap="xl">
      {[...byTask].map(([task, families]) => (
        <section key={task ?? ''}>
          <Title order={2} size="h3" mb="md">
            {task === null ? t('unknownTask') : t('families', { task })}
          </Title>
          <ul className={classes.tree}>
            {families.map((tree) => (
              <Branch key={tree.digest} tree={tree} places={places} />
            ))}
          </ul>
        </section>
      ))}
    </Stack>
  );
}

/** Of an ancestor that nobody knows only its children tell the task. */
function taskOf(tree: Family): string | null {
  return tree.task ?? tree.children.map(taskOf).find((task) => task !== null) ?? null;
}

function Branch({ tree, places }: { tree: Family; places: readonly Place[] }) {
  return (
    <li>
      <Card tree={tree} places={places.filter(({ digest }) => digest === tree.digest)} />
      {tree.children.length > 0 && (
        <ul className={classes.children}>
          {tree.children.map((child) => (
            <Branch key={child.digest} tree={child} places={places} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Card({ tree, places }: { tree: Family; places: readonly Place[] }) {
  const t = useTranslations('students');
  const reasons = useTranslations('reasons.folder');
  const formats = useFormats();
  const name = useStudentName()(tree.digest);
  const place = places.find(({ current }) => current) ?? places[0];
  const { agreement, certificate, teachers, created, missing, lost } = tree;
  return (
    <Paper withBorder p="md" mb="sm">
      <Stack gap={4}>
        <Group gap="sm">
          {place ? (
            <Anchor component={Link} href={`/${encodeURIComponent(place.id)}`} fw={600}>
              {name}
            </Anchor>
          ) : (
            <Text fw={600}>{name}</Text>
          )}
          {place && <PlaceBadges place={place} />}
          {created !== null && (
            <Text size="sm" c="dimmed">
              {t('made', { when: formats.dateTime(created) })}
            </Text>
          )}
        </Group>
        {missing !== null ? (
          <Text size="sm">{place && lost ? t('missing', { why: reasons(lost) }) : t('ancestor')}</Text>
        ) : (
          <Text size="sm">
            {[
              agreement === null ? t('notMeasured') : t('agreement', { share: formats.percent(agreement) }),
              certificate === null
                ? t('uncertified')
                : t('answers', {
                    coverage: formats.percent(certificate.coverage),
                    alpha: formats.percent(certificate.alpha),
                  }),
              ...(teachers.length > 0 ? [t('taughtBy', { teachers: formats.list(teachers) })] : []),
            ].join('; ')}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
