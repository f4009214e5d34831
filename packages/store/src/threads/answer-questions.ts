/**
 * The other end of an `AskedThread`: what a thread does with its questions.
 *
 * @module
 */
import { parentPort, type Transferable } from 'node:worker_threads';
import { type Answered, type Asked, failureOf } from './asked-thread.ts';

export interface Answering<Question, Answer> {
  answer(question: Question): Promise<Answer> | Answer;
  /** What of an answer goes over instead of being copied. */
  transfer?(answer: Answer): readonly Transferable[];
  /** Before the thread ends. */
  close?(): void;
}

/** Answers questions one after the other until the thread is to end. */
export function answerQuestions<Question, Answer>(answering: Answering<Question, Answer>): void {
  const port = parentPort;
  if (!port) throw new TypeError('this file is a thread of the store; it is not started by itself');
  let last: Promise<void> | undefined;
  const answer = async (asked: Asked<Question>): Promise<void> => {
    if ('close' in asked) {
      answering.close?.();
      port.close();
      return;
    }
    try {
      const said = await answering.answer(asked.question);
      port.postMessage(
        { id: asked.id, answer: said } satisfies Answered<Answer>,
        answering.transfer?.(said) ?? [],
      );
    } catch (error) {
      port.postMessage({ id: asked.id, failure: failureOf(error) } satisfies Answered<Answer>);
    }
  };
  port.on('message', (asked: Asked<Question>) => {
    last = last ? last.then(() => answer(asked)) : answer(asked);
  });
}
