/**
 * A text put to student and teacher: real calls, in the name of the key that is signed in, paid from the budgets.
 *
 * @module
 */
import { explainAnswer, openStudent } from '@kolben/distill';
import { ApiError, mostTokens, priceOf, usualBounds } from '@kolben/gateway';
import { splitTeacher } from '@kolben/gateway/config';
import { currentStudent } from '@kolben/gateway/tasks';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import type { ConsoleEnv, ConsoleServices } from '../services.ts';

const longest = 100_000;
/** Texts that the student is asked about for one explanation. */
const evaluations = 256;

const question = z.object({
  task: z.string().min(1).max(300),
  text: z.string().min(1).max(longest),
  /** What the task's application tells the teacher; empty: nothing. */
  instructions: z.string().max(longest).default(''),
});

export function playgroundApi({ store, config, inside }: ConsoleServices) {
  const known = (name: string) => {
    const task = Object.hasOwn(config.tasks, name) ? config.tasks[name] : undefined;
    if (task) return task;
    throw new ApiError(404, 'task_unknown', 'There is no such task in the configuration.', {
      type: 'invalid_request_error',
    });
  };
  const messagesOf = ({ text, instructions }: z.infer<typeof question>) => [
    ...(instructions.trim() === '' ? [] : [{ role: 'system', content: instructions }]),
    { role: 'user', content: text },
  ];
  return (
    new Hono<ConsoleEnv>()
      .get('/', async (c) => {
        const tasks = Object.entries(config.tasks).map(async ([name, { kind, teacher }]) => ({
          ...{ name, kind, teacher: [teacher].flat()[0]! },
          student: (await store.students.current(name))?.id ?? null,
        }));
        return c.json({ tasks: await Promise.all(tasks) });
      })
      // What an application tells the teacher is in its calls: without it the teacher would answer another question.
      .get('/instructions/:task', async (c) => {
        const task = c.req.param('task');
        known(task);
        const calls = await store.calls.list({ task, limit: 20 });
        const texts = calls.flatMap(({ request }) => {
          const first = Array.isArray(request?.messages)
            ? (request.messages as { role?: unknown; content?: unknown }[])[0]
            : undefined;
          return (first?.role === 'system' || first?.role === 'developer') &&
            typeof first.content === 'string'
            ? [first.content]
            : [];
        });
        return c.json({ instructions: texts[0] ?? '' });
      })
      .post('/price', input('json', question), async (c) => {
        const asked = c.req.valid('json');
        const { teacher, bounds = usualBounds } = known(asked.task);
        const [providerName, model] = splitTeacher([teacher].flat()[0]!);
        const price = priceOf(config.providers[providerName]!, model)?.price;
        if (!price) return c.json({ most: null });
        const request = { model, messages: messagesOf(asked) };
        const { promptTokens, completionTokens } = mostTokens(
          'chat',
          JSON.stringify(request),
          request,
          bounds,
        );
        const { inputPerMillion, outputPerMillion } = price;
        return c.json({
          most: (promptTokens * inputPerMillion + completionTokens * outputPerMillion) / 1_000_000,
        });
      })
      .post('/ask', input('json', question.extend({ who: z.enum(['student', 'teacher']) })), async (c) => {
        const { who, ...asked } = c.req.valid('json');
        const { teacher } = known(asked.task);
        const student = (await store.students.current(asked.task))?.id;
        if (who === 'student' && student === undefined)
          throw new ApiError(409, 'student_missing', `The task '${asked.task}' has no student yet.`, {
            ...{ type: 'invalid_request_error', values: { task: asked.task } },
          });
        const { status, body, error, call } = await inside.ask({
          model: who === 'teacher' ? [teacher].flat()[0]! : `student/${student}`,
          request: { messages: messagesOf(asked) },
          key: c.get('session').key,
          signal: c.req.raw.signal,
        });
        const choice = Array.isArray(body.choices)
          ? (body.choices[0] as { message?: { content?: unknown } } | undefined)
          : undefined;
        const content = choice?.message?.content;
        return c.json({
          ...{ status, id: call.id, latencyMs: call.latencyMs, cost: call.cost, student: call.student },
          /** Its student: in a cascade the teacher would answer, however sure it is. */
          isWithdrawn:
            call.student !== null &&
            (await store.watches.withdrawn(asked.task)).has(
              (await store.students.get(call.student.id))?.digest ?? call.student.id,
            ),
          answer: typeof content === 'string' ? content : null,
          error,
        });
      })
      .post('/explain', input('json', question.pick({ task: true, text: true })), async (c) => {
        const { task, text } = c.req.valid('json');
        known(task);
        const current = await currentStudent(store, config, task);
        if (!current)
          throw new ApiError(409, 'student_missing', `The task '${task}' has no student yet.`, {
            ...{ type: 'invalid_request_error', values: { task } },
          });
        const opened = await openStudent(current.directory);
        try {
          const { answer, confidence, threshold, words, runnerUp } = await explainAnswer(opened, text, {
            evaluations,
            signal: c.req.raw.signal,
          });
          return c.json({
            ...{ answer, confidence, threshold, runnerUp },
            words: words.map(({ start, end, contribution }) => ({ start, end, contribution })),
          });
        } finally {
          await opened.close();
        }
      })
  );
}
