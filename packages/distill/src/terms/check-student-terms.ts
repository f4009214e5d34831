/**
 * Asks a student's lineage again whether it may be put to another use.
 *
 * @module
 */
import type { StudentContents } from '../students/folder/student-contents.ts';
import { assertPermitted, type CheckTermsOptions, checkTerms, type TermsCheck } from './check-terms.ts';

/**
 * To be asked before a student is exported. Of a student whose lineage doesn't count its teachers' calls, all its
 * examples count for each teacher that it names.
 *
 * @throws TermsError where a provider's terms forbid it and no permission is held
 */
export function checkStudentTerms(
  { task, lineage }: Pick<StudentContents, 'task' | 'lineage'>,
  { distribution, providers }: Pick<CheckTermsOptions, 'distribution' | 'providers'>,
): TermsCheck {
  const teachers =
    lineage.answers ??
    lineage.teachers.map((teacher) => {
      const slash = teacher.indexOf('/');
      return {
        provider: slash === -1 ? teacher : teacher.slice(0, slash),
        model: slash === -1 ? null : teacher.slice(slash + 1),
        calls: lineage.dataset.n,
      };
    });
  const known = teachers.length > 0 ? teachers : [{ provider: null, model: null, calls: lineage.dataset.n }];
  const check = checkTerms({
    teachers: known,
    kind: task.kind,
    distribution,
    providers: remembered(providers, lineage, distribution),
  });
  assertPermitted(check);
  return check;
}

/** Providers as they are configured; of those that aren't, what the student's making was checked against. */
function remembered(
  providers: CheckTermsOptions['providers'],
  lineage: StudentContents['lineage'],
  distribution: CheckTermsOptions['distribution'],
): CheckTermsOptions['providers'] {
  const made = lineage.terms;
  if (made === undefined) return providers;
  // A clause that was known to forbid one use isn't forgotten where the configuration is another one.
  const before = made.providers.flatMap(({ provider, verdict, clause, url, date, permission }) =>
    provider === null || Object.hasOwn(providers, provider)
      ? []
      : [
          [
            provider,
            {
              terms: {
                distillation:
                  verdict === 'forbidden' ? ('forbidden' as const) : { [made.distribution]: verdict },
                ...(clause !== undefined && { clause }),
                ...(url !== undefined && { url }),
                ...(date !== undefined && { date }),
                // What was permitted in the house is no leave to give it away.
                ...(permission !== undefined && made.distribution === distribution && { permission }),
              },
            },
          ] as const,
        ],
  );
  return { ...Object.fromEntries(before), ...providers };
}
