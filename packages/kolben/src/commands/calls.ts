/**
 * `kolben calls`: what was asked and answered.
 *
 * @module
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { KolbenError } from '@kolben/engine/error';
import { callUnknown, decideCall } from '@kolben/gateway/tasks';
import { type Call, disagreementOrders, type Example, verdicts } from '@kolben/store';
import { answerText } from '../calls/answer-text.ts';
import { lastUserText } from '../calls/last-user-text.ts';
import { defineKolbenCommand, type Group } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { oneOf, pointInTime, whole } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { counted, dollars, milliseconds } from '../progress/words.ts';

function row(call: Call): string[] {
  return [
    call.at.toISOString().slice(0, 19).replace('T', ' '),
    call.task ?? '–',
    call.route,
    call.status === 'ok' ? call.answeredBy : `${call.answeredBy} (${call.status})`,
    milliseconds(call.latencyMs),
    dollars(call.cost),
    plain(lastUserText(call.request) ?? '', 40),
    plain(answerText(call.response) ?? call.error?.message ?? '', 24),
  ];
}

const list = defineKolbenCommand({
  name: 'list',
  description: 'list recorded calls, newest first',
  examples: ['kolben calls --task mails --limit 20', 'kolben calls list --since 24h --json'],
  args: {
    task: { type: 'string', description: 'only calls of this task', valueHint: 'task' },
    since: {
      type: 'string',
      description: 'only calls since a date, or of the last 90m, 24h or 30d',
      valueHint: 'when',
    },
    limit: { type: 'string', description: 'at most so many, 1 to 1000', default: '50', valueHint: 'n' },
    ...storeArgs,
  },
  async run(args, context) {
    const limit = whole('--limit', args.limit, 1, 1000);
    const since = args.since === undefined ? undefined : pointInTime('--since', args.since, new Date());
    return withStore(args, context, async (store) => {
      const filter = { ...(args.task !== undefined && { task: args.task }), ...(since && { since }) };
      const calls = await store.calls.list({ ...filter, limit });
      const of = await store.calls.count(filter);
      const head = ['at', 'task', 'route', 'answered by', 'took', 'cost', 'asked', 'answer'];
      const text =
        calls.length === 0
          ? 'No calls are recorded here yet.'
          : `${table([head, ...calls.map(row)], [4, 5], '')}\n${counted(calls.length, 'call')} of ${counted(of, 'call')}.`;
      return { json: { calls, count: of }, text };
    });
  },
});

/** The example as one line of OpenAI's fine-tuning chat format, which `kolben distill` reads. */
function exampleLine(example: Example): string {
  const messages =
    example.answer === undefined
      ? example.messages
      : [...example.messages, { role: 'assistant', content: example.answer }];
  return JSON.stringify({
    messages,
    ...(example.id !== undefined && { id: example.id }),
    ...(example.at && { at: example.at.toISOString() }),
    ...(example.conversation !== undefined && { conversation: example.conversation }),
    ...example.extra,
  });
}

const exportCalls = defineKolbenCommand({
  name: 'export',
  description:
    "write a task's answered calls as JSON Lines, one example a line, as 'kolben distill' reads them",
  examples: [
    'kolben calls export --task mails --out mails.jsonl',
    'kolben calls export --task mails | head -n 3',
  ],
  args: {
    task: {
      type: 'string',
      description: 'the task whose calls are wanted',
      required: true,
      valueHint: 'task',
    },
    since: {
      type: 'string',
      description: 'only calls since a date, or of the last 90m, 24h or 30d',
      valueHint: 'when',
    },
    out: { type: 'string', description: 'the file to write; without it, standard output', valueHint: 'file' },
    ...storeArgs,
  },
  async run(args, context) {
    if (context.json && args.out === undefined) {
      throw new UsageError(
        '--json prints one object, an export is many lines: name a file for them with --out.',
      );
    }
    const since = args.since === undefined ? undefined : pointInTime('--since', args.since, new Date());
    return withStore(args, context, async (store) => {
      const examples = store.calls.examples(args.task, since && { since });
      let exported = 0;
      // Who takes words out of the store is written down, before the first of them is out.
      await store.audit({
        actor: 'cli',
        act: 'calls.export',
        subject: args.task,
        detail: {
          since: since?.toISOString() ?? null,
          to: args.out === undefined ? 'standard output' : 'a file',
        },
      });
      if (args.out === undefined) {
        for await (const example of examples) {
          context.signal.throwIfAborted();
          await context.write(`${exampleLine(example)}\n`);
          exported += 1;
        }
        return { json: { exported }, text: '' };
      }
      const file = resolve(context.cwd, args.out);
      const half = `${file}.part`;
      const phase = context.progress.phase('Exporting calls');
      try {
        // The recorded words are private, so the file is its owner's alone.
        const stream = createWriteStream(half, { flags: 'w', mode: 0o600 });
        const ended = finished(stream);
        ended.catch(() => {});
        for await (const example of examples) {
          context.signal.throwIfAborted();
          if (!stream.write(`${exampleLine(example)}\n`)) {
            await Promise.race([once(stream, 'drain'), ended]);
          }
          exported += 1;
          phase.update(exported);
        }
        stream.end();
        await ended;
        await rename(half, file);
      } catch (error) {
        phase.stop();
        await rm(half, { force: true });
        if (error instanceof Error && 'code' in error && 'syscall' in error) {
          throw new KolbenError(
            'export_unwritable',
            `${file} could not be written (${String(error.code)}): choose another --out, or make room there.`,
            { cause: error },
          );
        }
        throw error;
      }
      phase.done(`${counted(exported, 'call')} written to ${file}.`);
      return { json: { exported, file }, text: '' };
    });
  },
});

const disagreements = defineKolbenCommand({
  name: 'disagreements',
  description: "list a task's calls in which student and teacher gave different answers",
  examples: [
    'kolben calls disagreements mails',
    'kolben calls disagreements mails --order surest --limit 20 --json',
  ],
  args: {
    task: { type: 'positional', required: true, description: 'the task' },
    order: {
      type: 'string',
      description: 'newest first, or surest: those first in which the student was most confident',
      default: 'newest',
      valueHint: disagreementOrders.join(' or '),
    },
    decided: { type: 'boolean', description: 'only those about which somebody decided' },
    open: { type: 'boolean', description: 'only those about which nobody decided yet' },
    limit: { type: 'string', description: 'at most so many, 1 to 1000', default: '50', valueHint: 'n' },
    ...storeArgs,
  },
  async run(args, context) {
    const limit = whole('--limit', args.limit, 1, 1000);
    const order = oneOf('--order', args.order, disagreementOrders);
    if (args.decided && args.open)
      throw new UsageError("--decided and --open don't go together: leave one of them out.");
    return withStore(args, context, async (store) => {
      const { task } = args;
      const found = await store.decisions.disagreements({
        ...{ task, order, limit },
        ...(args.decided && { decided: true }),
        ...(args.open && { decided: false }),
      });
      const counts = await store.decisions.counts(task);
      const done = Object.values(counts.decided).reduce((sum, n) => sum + n, 0);
      const head = ['call', 'at', 'confidence', 'asked', 'student', 'teacher', 'right'];
      const rows = found.map(({ call, decision }) => [
        call.id,
        call.at.toISOString().slice(0, 16).replace('T', ' '),
        (call.student?.confidence ?? 0).toFixed(3),
        plain(lastUserText(call.request) ?? '(deleted)', 40),
        plain(call.student?.answer ?? '', 24),
        plain(answerText(teachersOf(call)) ?? '', 24),
        decision === null ? '' : plain(decision.answer ?? decision.verdict, 24),
      ]);
      const text =
        found.length === 0
          ? `There are no such disagreements in calls of ${task}: they come of the route shadow and of the audit of a cascade.`
          : `${table([head, ...rows], [2], '')}\n${counted(found.length, 'disagreement')} of ${counted(counts.disagreements, 'disagreement')}, ${done} decided. To decide: kolben calls decide <call> --right student|teacher|neither|undecidable`;
      return { json: { task, disagreements: found, counts }, text };
    });
  },
});

/** The teacher's answer, whether the client had it or it came in the background. */
function teachersOf({ answeredBy, response, auditResponse }: Call): object | null {
  return answeredBy === 'student' ? auditResponse : response;
}

const decide = defineKolbenCommand({
  name: 'decide',
  description: 'say who was right where student and teacher differ: the next dataset learns from it',
  examples: [
    'kolben calls decide call_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e --right student',
    'kolben calls decide call_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e --right neither --answer refund',
    'kolben calls decide call_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e --undo',
  ],
  args: {
    call: { type: 'positional', required: true, description: 'its id' },
    right: { type: 'string', description: `who was right: ${verdicts.join(', ')}`, valueHint: 'who' },
    answer: { type: 'string', description: 'the right answer, where neither gave it', valueHint: 'answer' },
    'new-label': {
      type: 'boolean',
      description: 'the answer is a label that the task never had, and is meant to be one',
    },
    undo: { type: 'boolean', description: 'take the decision back' },
    ...storeArgs,
  },
  async run(args, context) {
    if ((args.right === undefined) === (args.undo !== true))
      throw new UsageError(
        `Say who was right with --right ${verdicts.join('|')}, or take it back with --undo.`,
      );
    if (args.answer !== undefined && args.right !== 'neither')
      throw new UsageError(
        '--answer goes with --right neither only: else the right answer is there already.',
      );
    if (args['new-label'] && args.answer === undefined)
      throw new UsageError('--new-label goes with --answer: it says of that answer that it is a new label.');
    if (args.right === 'neither' && args.answer === undefined)
      throw new UsageError('--right neither needs the right answer: --answer …');
    return withStore(args, context, async (store, config) => {
      const { call: id } = args;
      if (args.right === undefined) {
        if ((await store.calls.get(id)) === undefined) throw callUnknown(id);
        const removed = await store.decisions.remove(id, 'cli');
        return {
          json: { call: id, decision: null, removed },
          text: removed ? `${id} is undecided again.` : `Nothing was decided about ${id}.`,
        };
      }
      const decision = await decideCall({
        ...{ store, config, call: id, verdict: oneOf('--right', args.right, verdicts), by: 'cli' },
        ...(args.answer !== undefined && { answer: args.answer }),
        isNewLabel: args['new-label'] ?? false,
      });
      const [of, what] = {
        student: ['student', 'The student was right'],
        teacher: ['teacher', 'The teacher was right'],
        neither: ['neither', 'Neither was right'],
        undecidable: ['undecidable', 'Nobody can tell who was right'],
      }[decision.verdict] as [string, string];
      const next =
        of === 'undecidable'
          ? 'it is not taught'
          : 'the next dataset teaches the right answer, where it teaches this call';
      return { json: { call: id, decision }, text: `${what} in ${id}: ${next}.` };
    });
  },
});

const prune = defineKolbenCommand({
  name: 'prune',
  description: 'delete the words of old calls for good; their figures stay, for the ledger must add up',
  examples: [
    'kolben calls prune',
    'kolben calls prune --before 90d',
    'kolben calls prune --before 2026-01-01',
  ],
  args: {
    before: {
      type: 'string',
      description:
        "calls that came in before a date, or more than 90m, 24h or 30d ago; by default the configuration's retention.textDays",
      valueHint: 'when',
    },
    ...storeArgs,
  },
  async run(args, context) {
    const now = new Date();
    const given = args.before === undefined ? undefined : pointInTime('--before', args.before, now);
    return withStore(args, context, async (store, config) => {
      const days = config?.retention.textDays;
      const before = given ?? (days === undefined ? undefined : new Date(now.getTime() - days * 86_400_000));
      if (before === undefined) {
        throw new UsageError(
          'Nothing says how old words may become: name a time with --before, or set retention.textDays in the configuration.',
        );
      }
      const pruned = await store.calls.deleteTextBefore(before);
      await store.audit({
        actor: 'cli',
        act: 'calls.prune',
        detail: { before: before.toISOString(), calls: pruned },
      });
      return {
        json: { calls: pruned, before: before.toISOString() },
        text: `The words of ${counted(pruned, 'call')} from before ${before.toISOString()} are gone for good.`,
      };
    });
  },
});

export const calls: Group = {
  name: 'calls',
  description: 'list recorded calls, decide who was right, export them as examples, or delete their words',
  commands: [list, disagreements, decide, exportCalls, prune],
  default: 'list',
};
