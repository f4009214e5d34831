/**
 * What kind of task answers belong to, and what they say in that kind's one form.
 *
 * @module
 */
import { canonicalJson, isJsonObject, type Json, parseAnswer } from '../extract/json.ts';

export type DatasetKind = 'classify' | 'extract' | 'generate';

export interface ChosenKind {
  kind: DatasetKind;
  /** For `classify`: whether an answer is a list of labels. */
  multiple: boolean;
}

/** More different answers than this are no closed set of labels, … */
export const MAXIMUM_LABELS = 1000;
/** … and neither is it one when inputs are fewer than so many times the answers (beyond twenty answers). */
const INPUTS_PER_LABEL = 4;
const FREE_TEXT_FROM = 20;
/** Up to this share of answers may be none of the kind: they are left out. */
export const STRAY_SHARE = 0.02;

/** How an answer is read. */
export type AnswerShape = 'object' | 'labels' | 'refusal' | 'other';

export interface AnswerKind {
  shape: AnswerShape;
  /** Of an object its canonical JSON, of a list of labels the list in code unit order, each once; else the answer. */
  canonical: string;
}

/** @param answer as `normaliseAnswer` leaves it */
export function readAnswer(answer: string): AnswerKind {
  if (/^[[{`]/.test(answer)) {
    const value = parseAnswer(answer);
    if (isJsonObject(value)) return { shape: 'object', canonical: canonicalJson(value) };
    if (isLabels(value)) {
      const labels = [...new Set(value.map((label) => label.normalize('NFC').trim()))].sort();
      return { shape: 'labels', canonical: JSON.stringify(labels) };
    }
  }
  return { shape: isRefusal(answer) ? 'refusal' : 'other', canonical: answer };
}

function isLabels(value: Json | undefined): value is string[] {
  return Array.isArray(value) && value.every((label) => typeof label === 'string');
}

const refusal =
  /^(?:(?:i['’]m|i am|we['’]re|we are) (?:very |really |so |truly )?(?:sorry|afraid|unable|not able)\b|sorry[,.!]? (?:but )?i\b|i apologi[sz]e\b|(?:unfortunately,? )?i (?:can(?:no|['’])t|cannot|can not|won['’]t|could not|couldn['’]t|do not|don['’]t) (?:\w+ ){0,2}(?:help|assist|answer|comply|process|classify|provide|do that|determine|fulfil)|as an? (?:ai|large|language)\b|es tut mir (?:sehr )?leid\b|tut mir leid\b|entschuldigung[,.]? (?:aber )?(?:ich|das)\b|(?:leider )?(?:kann|darf) ich (?:\w+ ){0,4}nicht\b|ich kann (?:\w+ ){0,4}(?:nicht|leider|keine)\b|als (?:ki|sprachmodell)\b)/iu;

/** Whether an answer declines to be one, in English or German. A label of a word or two is none. */
export function isRefusal(answer: string): boolean {
  return answer.length >= 15 && refusal.test(answer);
}

/** The labels that a canonical answer names. */
export function labelsOf(answer: string, multiple: boolean): readonly string[] {
  return multiple ? (JSON.parse(answer) as string[]) : [answer];
}

/** The most labels that so many inputs may have and still have a closed set of them. */
export function mostLabels(inputs: number): number {
  return Math.min(MAXIMUM_LABELS, Math.max(FREE_TEXT_FROM, Math.floor(inputs / INPUTS_PER_LABEL)));
}

/**
 * Where all answers but a few strays (2 %) are JSON objects: `extract`. Where they are JSON lists of texts from a
 * closed set: `classify`, with several labels to an answer. Where there are few different ones: `classify`. Else
 * `generate`.
 *
 * @param answers different answers, each with the number of examples that gave it
 * @param inputs distinct inputs
 */
export function chooseKind(answers: Iterable<readonly [string, number]>, inputs: number): ChosenKind {
  const totals: Record<AnswerShape, number> = { object: 0, labels: 0, refusal: 0, other: 0 };
  const labels = new Set<string>();
  const single = new Set<string>();
  let all = 0;
  for (const [answer, count] of answers) {
    const { shape, canonical } = readAnswer(answer.normalize('NFC').trim());
    all += count;
    totals[shape] += count;
    if (shape === 'labels' && labels.size <= MAXIMUM_LABELS) {
      for (const label of labelsOf(canonical, true)) labels.add(label);
    }
    if (shape !== 'refusal') single.add(canonical);
  }
  const nearlyAll = (shape: AnswerShape) => totals[shape] > 0 && all - totals[shape] <= STRAY_SHARE * all;
  const most = mostLabels(inputs);
  if (nearlyAll('object')) return { kind: 'extract', multiple: false };
  if (nearlyAll('labels') && labels.size > 0 && labels.size <= most)
    return { kind: 'classify', multiple: true };
  return { kind: single.size <= most ? 'classify' : 'generate', multiple: false };
}
