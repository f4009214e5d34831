/**
 * Which calls are meant, as a condition of the database.
 *
 * @module
 */
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import { StoreValueError } from '../errors.ts';
import { fromDate } from '../integers.ts';
import type { Schema } from '../schema.ts';
import type { CallCursor, CallFilter } from './call.ts';

type Calls = ExpressionBuilder<Schema, 'calls'>;
type Condition = ExpressionWrapper<Schema, 'calls', SqlBool>;

/** The part of a filter that an index holds to by itself, in the order of time. */
export function inScope({ task, since, until }: CallFilter, before?: CallCursor | Date) {
  return (e: Calls): Condition =>
    e.and([
      ...(task === undefined
        ? []
        : [task === null ? e('calls.task', 'is', null) : e('calls.task', '=', task)]),
      ...(since === undefined ? [] : [e('calls.at', '>=', fromDate(since, 'since'))]),
      ...(until === undefined ? [] : [e('calls.at', '<', fromDate(until, 'until'))]),
      ...(before === undefined ? [] : olderThan(e, before)),
    ]);
}

/** Whether it says more than what `inScope` is about. */
export function isNarrow({ task: _, since: __, until: ___, ...rest }: CallFilter): boolean {
  return Object.values(rest).some((value) => value !== undefined);
}

/** The rest of it. @throws StoreValueError for a confidence that is none */
export function matching(filter: CallFilter) {
  const { minConfidence, maxConfidence, certified, audited, agreed } = filter;
  for (const bound of [minConfidence, maxConfidence])
    if (bound !== undefined && !(bound >= 0 && bound <= 1))
      throw new StoreValueError(`A confidence lies between 0 and 1, and ${bound} does not.`);
  return (e: Calls): Condition => {
    const equal = (
      column:
        | 'route'
        | 'answered_by'
        | 'status'
        | 'endpoint'
        | 'error_code'
        | 'reason'
        | 'provider'
        | 'model'
        | 'key_id'
        | 'student_id'
        | 'drawn',
      value: string | undefined,
    ) => (value === undefined ? [] : [e(e.ref(`calls.${column}`), '=', value as never)]);
    return e.and([
      ...equal('route', filter.route),
      ...equal('answered_by', filter.answeredBy),
      ...equal('status', filter.status),
      ...equal('endpoint', filter.endpoint),
      ...equal('error_code', filter.errorCode),
      ...equal('reason', filter.reason),
      ...equal('provider', filter.provider),
      ...equal('model', filter.model),
      ...equal('key_id', filter.keyId),
      ...equal('student_id', filter.student),
      ...equal('drawn', filter.drawn),
      ...(minConfidence === undefined ? [] : [e('calls.student_confidence', '>=', minConfidence)]),
      ...(maxConfidence === undefined ? [] : [e('calls.student_confidence', '<=', maxConfidence)]),
      ...(certified === undefined ? [] : [e('calls.student_certified', '=', e.lit(Number(certified)))]),
      ...(audited === undefined
        ? []
        : [audited ? e('calls.audited', '=', e.lit(1)) : e('calls.audited', 'is', null)]),
      ...(agreed === undefined ? [] : [e('calls.agreed', '=', e.lit(Number(agreed)))]),
    ]);
  };
}

/** Before this call in the order of time, of calls of one moment by their ids. */
export function olderThan(e: Calls, before: CallCursor | Date): Condition[] {
  if (before instanceof Date) return [e('calls.at', '<', fromDate(before, 'before'))];
  const at = fromDate(before.at, 'before.at');
  return [e('calls.at', '<=', at), e.or([e('calls.at', '<', at), e('calls.id', '<', before.id)])];
}

/** This call or after it. */
export function asNewAs(e: Calls, oldest: CallCursor): Condition[] {
  const at = fromDate(oldest.at, 'at');
  return [e('calls.at', '>=', at), e.or([e('calls.at', '>', at), e('calls.id', '>=', oldest.id)])];
}
