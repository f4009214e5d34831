/**
 * May this student be made, or given away? A function of who answered, of what kind the student is, and of whom it is
 * for.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { type ErrorValues, KolbenError } from '@kolben/engine/error';
import type { TaskKind } from '../students/task.ts';
import type { Distribution, ProviderTerms, TermsVerdict } from './terms-schema.ts';

/** How many answers came from one model of one provider; null where that isn't known. */
export interface TeacherCalls {
  readonly provider: string | null;
  readonly model: string | null;
  readonly calls: number;
}

/** What applies to the answers of one provider. */
export interface ProviderVerdict {
  /** Null: nobody knows who answered. */
  readonly provider: string | null;
  readonly models: readonly string[];
  readonly calls: number;
  readonly verdict: TermsVerdict;
  readonly clause?: string;
  /** SHA-256 of the clause. */
  readonly clauseDigest?: string;
  readonly url?: string;
  /** When the terms were read. */
  readonly date?: string;
  /** The permission that stands against a verdict of `forbidden`. */
  readonly permission?: { readonly reference: string; readonly date: string };
}

export interface TermsCheck {
  readonly kind: TaskKind;
  readonly distribution: Distribution;
  /** The worst of all providers; a permission held makes `forbidden` `allowed`. */
  readonly verdict: TermsVerdict;
  readonly providers: readonly ProviderVerdict[];
}

export interface CheckTermsOptions {
  readonly teachers: readonly TeacherCalls[];
  readonly kind: TaskKind;
  readonly distribution: Distribution;
  /** By the name that the calls carry: the `providers` of a configuration. */
  readonly providers: Readonly<Record<string, { readonly terms?: ProviderTerms | undefined }>>;
}

export class TermsError extends KolbenError {
  declare readonly code: 'terms_forbidden';
  readonly check: TermsCheck;

  constructor(check: TermsCheck, message: string, values: ErrorValues) {
    super('terms_forbidden', message, { values });
    this.check = check;
  }
}

/** The verdict of one provider's terms on one use. */
export function verdictOf(
  terms: ProviderTerms | undefined,
  kind: TaskKind,
  distribution: Distribution,
): TermsVerdict {
  const rules = terms?.distillation ?? 'unknown';
  if (typeof rules === 'string') return rules;
  const byKind = rules[distribution] ?? 'unknown';
  return typeof byKind === 'string' ? byKind : (byKind[kind] ?? 'unknown');
}

export function checkTerms({ teachers, kind, distribution, providers }: CheckTermsOptions): TermsCheck {
  const calls = new Map<string | null, { calls: number; models: Set<string> }>();
  for (const { provider, model, calls: count } of teachers) {
    const sum = calls.get(provider) ?? { calls: 0, models: new Set() };
    sum.calls += count;
    if (model !== null) sum.models.add(model);
    calls.set(provider, sum);
  }
  const each = [...calls].map(([provider, { calls: count, models }]): ProviderVerdict => {
    const terms =
      provider !== null && Object.hasOwn(providers, provider) ? providers[provider].terms : undefined;
    const { clause, url, date, permission } = terms ?? {};
    return {
      provider,
      models: [...models].sort(),
      calls: count,
      verdict: verdictOf(terms, kind, distribution),
      ...(clause !== undefined && {
        clause,
        clauseDigest: `sha256:${createHash('sha256').update(clause).digest('hex')}`,
      }),
      ...(url !== undefined && { url }),
      ...(date !== undefined && { date }),
      ...(permission !== undefined && { permission }),
    };
  });
  each.sort(
    (one, other) => other.calls - one.calls || ((one.provider ?? '') < (other.provider ?? '') ? -1 : 1),
  );
  const effective = each.map(effectiveVerdict);
  // Where nobody answered, nobody's terms are known.
  const verdict: TermsVerdict = effective.includes('forbidden')
    ? 'forbidden'
    : effective.includes('unknown') || each.length === 0
      ? 'unknown'
      : 'allowed';
  return { kind, distribution, verdict, providers: each };
}

function effectiveVerdict({ verdict, permission }: ProviderVerdict): TermsVerdict {
  return verdict === 'forbidden' && permission !== undefined ? 'allowed' : verdict;
}

const uses: Readonly<Record<Distribution, string>> = {
  internal: 'for use in your own house',
  distributed: 'that is given to third parties',
};
const students: Readonly<Record<TaskKind, string>> = {
  classify: 'a classifier',
  extract: 'an extractor',
  generate: 'a generator',
};

/** @throws TermsError naming provider, clause and number of calls, where terms forbid it and no permission is held */
export function assertPermitted(check: TermsCheck): void {
  const refusal = refusalOf(check);
  if (refusal) throw refusal;
}

/**
 * What stands against a student of these answers before its kind is known: terms are no obstacle as long as they permit
 * one of the kinds that it may become.
 *
 * @param options.kind left out where the answers will tell
 * @returns undefined: nothing that is known
 */
export function foreseeRefusal({
  kind,
  ...options
}: Omit<CheckTermsOptions, 'kind'> & { readonly kind?: TaskKind | undefined }): TermsError | undefined {
  const possible = kind ? [kind] : (Object.keys(students) as TaskKind[]);
  const refusals = possible.map((one) => refusalOf(checkTerms({ ...options, kind: one })));
  return refusals.every((refusal) => refusal !== undefined) ? refusals[0] : undefined;
}

function refusalOf(check: TermsCheck): TermsError | undefined {
  const refused = check.providers.filter((provider) => effectiveVerdict(provider) === 'forbidden');
  const [first] = refused;
  if (!first) return undefined;
  const named = refused.map(({ provider, calls, clause, url, date }) => {
    const said = [
      calls > 0 && count(calls),
      clause === undefined ? 'the configuration quotes no clause' : `“${oneLine(clause)}”`,
      [url, date && `read on ${date}`].filter(Boolean).join(', '),
    ];
    return `${provider} (${said.filter(Boolean).join('; ')})`;
  });
  const { provider, clause, url = '', date = '' } = first;
  return new TermsError(
    check,
    `The terms of ${named.join(' and of ')} forbid that their answers train ${students[check.kind]} ${uses[check.distribution]}: leave those calls out, or name the permission that you hold in providers.${provider}.terms.permission.`,
    {
      ...{ kind: check.kind, distribution: check.distribution, provider: String(provider) },
      // Words of a catalogue choose by these what they can quote.
      ...{ clause: oneLine(clause ?? ''), quotes: clause === undefined ? 'nothing' : 'clause' },
      ...{ url, date, source: url && date ? 'both' : url ? 'url' : date ? 'date' : 'nothing' },
      others: refused.length - 1,
    },
  );
}

/** What whoever makes a student, or hands it on, should know of its terms. */
export interface TermsNote {
  /**
   * `permission`: it rests on a permission that is held; `nobody`: nobody knows who gave answers; `unread`: the
   * configuration doesn't say what a provider's terms allow.
   */
  readonly code: 'permission' | 'nobody' | 'unread';
  readonly values: {
    readonly kind: TaskKind;
    readonly distribution: Distribution;
    readonly calls: number;
    readonly provider: string;
    /** Of the permission; empty without one. */
    readonly reference: string;
    readonly date: string;
  };
}

export function termsNotes({ providers, distribution, kind }: TermsCheck): TermsNote[] {
  return providers.flatMap(({ provider, verdict, permission, calls }): TermsNote[] => {
    const code =
      verdict === 'forbidden' && permission !== undefined
        ? 'permission'
        : verdict !== 'unknown'
          ? null
          : provider === null
            ? 'nobody'
            : 'unread';
    if (code === null) return [];
    const { reference = '', date = '' } = permission ?? {};
    return [
      {
        code,
        values: {
          ...{ kind, distribution, calls, date },
          ...{ provider: provider ?? '', reference: oneLine(reference) },
        },
      },
    ];
  });
}

/** The same, each one sentence. */
export function termsWarnings(check: TermsCheck): string[] {
  return termsNotes(check).map(({ code, values }) => sentences[code](values));
}

type Said = (values: TermsNote['values']) => string;
const useOf: Said = ({ kind, distribution }) => `${students[kind]} ${uses[distribution]}`;
const sentences: Readonly<Record<TermsNote['code'], Said>> = {
  permission: (values) =>
    `The terms of ${values.provider} forbid ${useOf(values)}; it rests on the permission ${values.reference} of ${values.date}.`,
  nobody: ({ calls }) =>
    `Nobody knows who gave ${answers(calls)}, so no terms were checked: say it in each example as "teacher": "provider/model".`,
  unread: (values) =>
    `Whether the terms of ${values.provider}, who gave ${answers(values.calls)}, allow ${useOf(values)} is not known: read them, and write down what you found in providers.${values.provider}.terms.`,
};

const count = (calls: number) => (calls === 1 ? '1 call' : `${calls.toLocaleString('en-US')} calls`);
const answers = (calls: number) => (calls === 1 ? '1 answer' : `${calls.toLocaleString('en-US')} answers`);
const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
