/**
 * The audit log in words: what was done, by whom, to what, and its details as names and values.
 *
 * @module
 */
import { useMessages, useTranslations } from 'use-intl';
import type { api } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';

type Asked = Awaited<ReturnType<Awaited<ReturnType<typeof api.keys.audit.$get>>['json']>>;
export type AuditEvent = Asked['events'][number];

const moment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const routeActs = ['route.set', 'watch.undo'];
const decisions = ['call.decide', 'call.undecide'];

export function useAuditWords() {
  const t = useTranslations('audit');
  const routes = useTranslations('common.route');
  const right = useTranslations('calls.right');
  const students = useTranslations('students.acts');
  const keys = useTranslations('keys.scopeShort');
  const formats = useFormats();
  const { audit } = useMessages();

  /** Of what another version wrote, its code. */
  const textIn = (part: 'acts' | 'actors' | 'details') => (code: string) => {
    // Of any code it can be asked whether there is a text for it.
    const own = `${part}.${code}` as 'acts.key.create';
    return t.has(own) ? t(own) : code;
  };
  const [act, known, nameOf] = [textIn('acts'), textIn('actors'), textIn('details')];

  function inWords(name: string, value: unknown, of: string): string {
    if (value === null) return t('nothing');
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    if (typeof value === 'number') {
      if (name === 'usdPerMonth') return formats.money(value);
      if (name === 'alpha' || name === 'coverage') return formats.percent(value);
      return formats.number(value, 4);
    }
    if (typeof value === 'string') return wordOf(name, value, of);
    if (typeof value === 'object')
      return formats.list(
        Object.entries(value).map(([inner, one]) =>
          t('pair', { name: nameOf(inner), value: inWords(inner, one, of) }),
        ),
      );
    return String(value);
  }

  function wordOf(name: string, value: string, of: string): string {
    if (moment.test(value)) return formats.dateTime(value);
    // Of any word it can be asked whether there is a text for it.
    const texts = routeActs.includes(of)
      ? routes
      : decisions.includes(of)
        ? right
        : name === 'scope'
          ? keys
          : undefined;
    const own = value as never;
    if (texts?.has(own)) return texts(own);
    const whom = `distributions.${value}` as 'distributions.internal';
    return name === 'distribution' && students.has(whom) ? students(whom) : value;
  }

  const choices = (codes: readonly string[], word: (code: string) => string) =>
    codes.map((value) => ({ value, label: word(value) }));
  return {
    act,
    /** By name, where it is a key that has one. */
    actor: ({ actor, actorName }: AuditEvent) => actorName ?? known(actor),
    subject: ({ subject, subjectName }: AuditEvent) => subjectName ?? subject ?? '–',
    details: ({ act: of, detail }: AuditEvent) =>
      Object.entries(JSON.parse(detail) as Record<string, unknown>).map(
        ([name, value]) => [nameOf(name), inWords(name, value, of)] as const,
      ),
    /** What can be filtered by. */
    acts: choices(
      Object.entries(audit.acts).flatMap(([area, acts]) =>
        Object.keys(acts).map((name) => `${area}.${name}`),
      ),
      act,
    ),
    actors: choices(Object.keys(audit.actors), known),
  };
}
