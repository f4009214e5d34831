/**
 * How a task's student stands in service, for people: what watches its risk, what it disagreed in last.
 *
 * @module
 */
import { alarmOf, readWatch } from '@kolben/distill';
import type { Config } from '@kolben/gateway/config';
import type { Store } from '@kolben/store';
import { answerText } from '../calls/answer-text.ts';
import { lastUserText } from '../calls/last-user-text.ts';
import { plain } from '../cli/plain.ts';
import { counted } from '../progress/words.ts';
import { currentStudent } from '../students/current-student.ts';

export interface Disagreement {
  call: string;
  at: Date;
  /** Null where the call's text has been deleted. */
  text: string | null;
  student: string | null;
  teacher: string | null;
}

export interface Standing {
  student: { id: string; digest: string };
  /** Since when it is withdrawn; null: it isn't. */
  withdrawn: Date | null;
  /** Null: there was no audit yet. */
  risk: {
    audits: number;
    disagreements: number;
    /** M_t, and where it rings. */
    wealth: number;
    threshold: number;
    alpha: number;
    delta: number;
  } | null;
  /** The latest, newest first. */
  disagreements: Disagreement[];
}

const shown = 5;

export async function standingOf(
  store: Store,
  config: Config | undefined,
  task: string,
): Promise<Standing | undefined> {
  const current = await currentStudent(store, config, task);
  if (!current) return undefined;
  const { id, digest } = current;
  const kept = await store.watches.get(task, digest);
  const disagreements: Disagreement[] = [];
  for (const { callId, at } of await store.watches.list(task, digest, { limit: shown, disagreed: true })) {
    const call = await store.calls.get(callId);
    disagreements.push({
      ...{ call: callId, at, text: (call?.request && lastUserText(call.request)) ?? null },
      ...{ student: call?.student?.answer ?? null, teacher: answerText(call?.auditResponse ?? null) ?? null },
    });
  }
  return {
    student: { id, digest },
    withdrawn: kept?.withdrawnAt ?? null,
    risk: kept ? riskOf(kept.state) : null,
    disagreements,
  };
}

function riskOf(state: unknown): Standing['risk'] {
  const watch = readWatch(state);
  const { audits, losses, alpha, delta } = watch;
  const { wealth, threshold } = alarmOf(watch);
  return { audits, disagreements: losses, wealth, threshold, alpha, delta };
}

/** Rows of a table. */
export function standingRows({ withdrawn, risk, disagreements }: Standing): string[][] {
  return [
    ...(withdrawn
      ? [
          [
            'withdrawn',
            `since ${withdrawn.toISOString().slice(0, 16).replace('T', ' ')}: the teacher answers`,
          ],
        ]
      : []),
    [
      'audits',
      risk === null
        ? 'none yet'
        : `${counted(risk.audits, 'answer')} compared, ${counted(risk.disagreements, 'disagreement')}; wealth ${risk.wealth.toPrecision(3)}, the alarm rings at ${Number(risk.threshold.toPrecision(3))}`,
    ],
    ...disagreements.map(({ text, student, teacher }, i) => [
      i === 0 ? 'disagreed' : '',
      text === null
        ? '(its text is deleted)'
        : `${plain(text, 60)}: student ${plain(student ?? '', 40)}, teacher ${plain(teacher ?? '', 40)}`,
    ]),
  ];
}
