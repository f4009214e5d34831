/**
 * Takes personal data out of a call before it is written down: out of its request, its answer, the student's word and
 * the message of an error.
 *
 * Every text is looked at, however deep it lies, texts within JSON within a text too, and names of members; images and
 * sounds are left as they are. What was found anywhere in the call is taken out everywhere in it: a number that stands
 * beside "passport" in the question is not recognised by itself in the answer.
 *
 * Texts of any size are looked at in small portions, so that other calls go on meanwhile.
 *
 * @module
 */
import type { NewCall, StudentAnswer } from '@kolben/store';
import { isObject, type JsonObject } from '../json.ts';
import { PlainNames, RedactedTexts, type TextRedactor } from './redacted-texts.ts';
import { changeTexts, gatherTexts } from './texts-in-json.ts';

/** What of a call holds words. */
export type Words = Pick<NewCall, 'request' | 'response' | 'student' | 'error'>;

export interface RedactedCall<Call extends Words> {
  call: Call;
  /** The student's word, where it comes later than the rest. */
  word(student: StudentAnswer | null): Promise<StudentAnswer | null>;
}

export type CallRedactor = <Call extends Words>(call: Call) => Promise<RedactedCall<Call>>;

/** For tasks whose texts are stored as they are. */
export const asItIs: CallRedactor = async (call) => ({ call, word: async (student) => student });

export function callRedactor(how: Omit<TextRedactor, 'plainNames'>): CallRedactor {
  const redactor = { ...how, plainNames: new PlainNames() };
  return async (call) => {
    const texts = new RedactedTexts(redactor);
    for (const part of [call.request, call.response, call.student?.answer, call.error?.message])
      gatherTexts(part, texts.add);
    await texts.redact();
    const without = <T>(value: T) => changeTexts(value, texts) as T;
    const redacted = (student: StudentAnswer | null) =>
      student && { ...student, answer: without(student.answer) };
    // Most calls: nothing has to be written anew.
    const isPlain = !texts.hasChanged;
    return {
      call: isPlain
        ? call
        : {
            ...call,
            request: without(call.request),
            response: call.response && withoutTokens(call.response, without(call.response)),
            student: redacted(call.student ?? null),
            error: call.error ? { ...call.error, message: without(call.error.message) } : null,
          },
      async word(student) {
        if (student === null) return null;
        gatherTexts(student.answer, texts.add);
        await texts.redact();
        return redacted(student);
      },
    };
  };
}

/** The call without any of its words: what is stored where they can't be redacted. */
export function withoutWords(call: NewCall): NewCall {
  return {
    ...call,
    request: { notStored: 'The words of this call could not be redacted.' },
    response: null,
    student: withoutWord(call.student ?? null),
    error: call.error ? { ...call.error, message: '' } : null,
  };
}

export function withoutWord(student: StudentAnswer | null): StudentAnswer | null {
  return student && { ...student, answer: '' };
}

/** The tokens of an answer, with their probabilities, spell out what was taken out of it; they go with it. */
function withoutTokens(before: object, after: object): object {
  const old = (before as JsonObject).choices;
  const now = (after as JsonObject).choices;
  if (!Array.isArray(old) || !Array.isArray(now)) return after;
  const choices = now.map((choice: unknown, at) => {
    const was: unknown = old[at];
    const changed = isObject(choice) && isObject(was) && choice.message !== was.message;
    return changed && choice.logprobs != null ? { ...choice, logprobs: null } : choice;
  });
  return choices.some((choice, at) => choice !== now[at]) ? { ...after, choices } : after;
}
