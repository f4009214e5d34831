/**
 * The steps of the quickstart, in order. Each announces itself and says in one line what it found.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  count,
  type DistillReport,
  defineConfig,
  dollars,
  duration,
  KolbenError,
  lineLog,
  openStore,
  type Progress,
  percent,
  price,
  type ReportData,
  registerStudent,
  renderReport,
  reportFromDistill,
  type Store,
  startGateway,
  version,
} from 'kolben';
import OpenAI from 'openai';
import { askAll, notYetAsked } from './ask.ts';
import { answeredByStudent, askedTexts, serviceFacts } from './figures.ts';
import { corpusSize, divide, type Mail, mostCharacters, readMails } from './mails.ts';
import * as settings from './settings.ts';
import { begin, type Folder, folderAt, saveState, writeWhole } from './state.ts';
import { summary } from './summary.ts';
import { chooseTeacher, type Teacher } from './teacher.ts';
import { earlierTraining, train } from './train.ts';

export interface QuickstartOptions {
  folder: string;
  /** Use only so many of the mails; undefined: all. */
  mails: number | undefined;
  progress: Progress;
  signal: AbortSignal;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Fewer would leave too little to certify anything with. */
const fewestMails = 300;

/** Runs the main job and returns the words for the terminal. */
export async function quickstart(options: QuickstartOptions): Promise<string> {
  const { progress, signal } = options;
  const begun = performance.now();
  const wanted = options.mails ?? corpusSize;
  if (!Number.isInteger(wanted) || wanted < fewestMails || wanted > corpusSize) {
    throw new KolbenError(
      'quickstart_mails',
      `--mails must be a whole number from ${fewestMails} to ${corpusSize}.`,
    );
  }
  const folder = folderAt(resolve(options.folder));

  const reading = progress.phase('Reading the Spam Assassin corpus', wanted, 'mails');
  const chosen = await readMails(wanted, settings.seed, reading, signal);
  const { recorded, unseen } = divide(chosen, Math.round(wanted * settings.recordedShare), settings.seed);
  const spam = chosen.filter(({ label }) => label === 'spam').length;
  reading.done(
    `Read ${count(chosen.length)} mails (${percent(spam / chosen.length)} spam): ${count(recorded.length)} to be recorded, ${count(unseen.length)} kept unseen.`,
  );

  const teacher = await chooseTeacher(chosen, options.environment);
  try {
    progress.say(describeTeacher(teacher));
    const { state, sentence } = await begin(folder, inputsOf(chosen, teacher));
    progress.say(sentence);
    await mkdir(folder.path, { recursive: true });
    await saveState(folder, state);
    const store = await openStore({ directory: folder.data });
    try {
      const job: Job = { folder, store, teacher, recorded, unseen, progress, signal };
      const data = await mainJob(job, state);
      await writeWhole(folder.report, await renderReport(data));
      await saveState(folder, { ...state, trained: true, finished: true });
      const here = (path: string) => relative('', path);
      return [
        '',
        summary(data),
        '',
        `  All of it took ${duration((performance.now() - begun) / 1000)}. Report: ${here(folder.report)}`,
        '',
        '  Look around:',
        `    npx kolben answer ${here(folder.student)} "Subject: You have won"`,
        `    npx kolben ledger --data ${here(folder.data)}`,
        `    npx kolben calls --data ${here(folder.data)} --limit 10`,
      ].join('\n');
    } finally {
      await store.close();
    }
  } finally {
    await teacher.close();
  }
}

interface Job {
  folder: Folder;
  store: Store;
  teacher: Teacher;
  recorded: Mail[];
  unseen: Mail[];
  progress: Progress;
  signal: AbortSignal;
}

/** Everything that the result depends on, as one digest: a run with other inputs must not go on from this one. */
function inputsOf(mails: readonly Mail[], teacher: Teacher): string {
  const { alpha, seed, recordedShare, systemPrompt } = settings;
  const texts = mails.map(({ text }) => text).sort();
  const inputs = {
    version,
    alpha,
    seed,
    recordedShare,
    systemPrompt,
    mostCharacters,
    teacher: teacher.digest,
    texts,
  };
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

function describeTeacher({ name, facts }: Teacher): string {
  const list = facts.price!;
  const prices = `${price(list.inputPerMillion)} in, ${price(list.outputPerMillion)} out per million tokens (${list.source.replace(/\.$/, '')})`;
  if (facts.kind === 'replay') {
    return `Teacher: ${name}. This is a replay of human labels, not a language model: a local server, median latency ${settings.replay.medianMs} ms; list price ${prices}.`;
  }
  return `Teacher: ${name}, a language model; list price ${prices}.`;
}

function describeStudent({ test, baselines, certificate, reason }: DistillReport): string {
  const quality = `The student agrees with the teacher on ${percent(test.agreement)} of ${count(test.n)} test mails (linear n-gram model: ${percent(baselines.ngramLinear ?? 0)})`;
  return certificate === null
    ? `${quality} and earned no certificate: ${reason ?? ''}`
    : `${quality} and is certified for about ${percent(certificate.coverage)} of them.`;
}

async function mainJob(job: Job, state: { inputs: string; trained: boolean }): Promise<ReportData> {
  const { folder, store, teacher, recorded, unseen, progress, signal } = job;
  const { task, checkTask } = settings;
  const asked = {
    ...{ kind: 'classify' as const, teacher: teacher.name, route: 'teacher' as const },
    redaction: { off: 'The mails are public, and are found again in the store by their very text.' },
  };
  const key = await store.keys.create({ name: 'quickstart', scope: 'use' });
  const gateway = await startGateway({
    config: defineConfig({
      dataDirectory: folder.data,
      port: 0,
      providers: teacher.provider,
      tasks: {
        // Every answer of the student is checked afterwards, so no lot has to fall on any.
        [task]: { ...asked, audit: 0 },
        [checkTask]: asked,
      },
    }),
    store,
    // What a call of ours fails of is told by the call itself; a log line would tear the bar.
    log: lineLog({ write: (line) => progress.say(line.trimEnd()) }, 'error'),
  });
  try {
    progress.say(`The gateway listens on ${gateway.url}; the client is the official openai package.`);
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key.secret, maxRetries: 5 });
    const ask = async (title: string, mails: Mail[], name: string, routes: string[], concurrency: number) => {
      const left = notYetAsked(mails, await askedTexts(store, name, routes));
      const phase = progress.phase(title, mails.length, 'mails');
      const started = performance.now();
      const before = mails.length - left.length;
      await askAll(left, { client, model: `kolben/${name}`, concurrency, signal, phase, before });
      await gateway.flush();
      const seconds = (performance.now() - started) / 1000;
      return {
        phase,
        seconds,
        before,
        after: before > 0 ? `, ${count(before)} of them in the earlier run` : '',
      };
    };

    // 1. The teacher answers, the gateway records.
    await store.routes.set(task, 'teacher');
    const recording = await ask(
      'Asking the teacher',
      recorded,
      task,
      ['teacher'],
      settings.teacherConcurrency,
    );
    const ledger = await store.ledger.totals({ task });
    recording.phase.done(
      `Recorded ${count(recorded.length)} calls in ${duration(recording.seconds)}${recording.after}; at list price ${dollars(ledger.cost)}.`,
    );

    // 2. A student is distilled from what was recorded, and from nothing else.
    const earlier = state.trained ? await earlierTraining(folder) : undefined;
    if (earlier) progress.say('The student of the earlier run is taken as it is: its inputs are the same.');
    const examples = store.calls.examples(task);
    const timeBudget = settings.timeBudgetSeconds(recorded.length + unseen.length);
    const report =
      earlier ?? (await train({ examples, teacher: teacher.name, folder, timeBudget, progress, signal }));
    await saveState(folder, { ...state, trained: true, finished: false });
    progress.say(describeStudent(report));

    // 3. The student is registered, and the route switched while the gateway runs.
    const registered = await registerStudent(store, task, folder.student);
    await store.routes.set(task, 'cascade');
    // The gateway looks for a switched route every quarter of a second; no call of ours may slip in before.
    await wait(300, undefined, { signal });
    progress.say(`Registered the student (${registered.id}) and switched the route to cascade.`);

    // 4. Mails that nobody has seen, through the same client and the same gateway.
    // Without a certificate every call waits for the teacher.
    const concurrency =
      report.certificate === null ? settings.teacherConcurrency : settings.cascadeConcurrency;
    const cascade = await ask('Sending mails never seen before', unseen, task, ['cascade'], concurrency);
    const byStudent = await answeredByStudent(store, task);
    cascade.phase.done(
      `Sent ${count(unseen.length)} mails never seen before in ${duration(cascade.seconds)}${cascade.after}.`,
    );

    // 5. What would the teacher have said to the ones that the student answered? (A mailing sent twice, once.)
    const texts = unseen.filter(({ text }) => byStudent.delete(text));
    if (texts.length > 0) {
      const title = "Asking the teacher about the student's answers";
      const check = await ask(title, texts, checkTask, ['teacher'], settings.teacherConcurrency);
      check.phase.done(
        `Asked the teacher about ${count(texts.length)} mails that the student had answered, in ${duration(check.seconds)}.`,
      );
    }

    const service = await serviceFacts({
      store,
      task,
      checkTask,
      seconds: cascade.seconds,
      aboutLatency: `Measured at the gateway, from the request's arrival to the end of the answer. The student's: with ${concurrency} calls under way at once, on the machine that also runs the client and the gateway. The teacher's: as it was asked about the same mails afterwards, with ${settings.teacherConcurrency} at once.`,
    });
    const trained = reportFromDistill(report, {
      task,
      command: 'npm run quickstart',
      teacher: teacher.facts,
    });
    return {
      ...trained,
      lineage: { ...trained.lineage, student: relative('', folder.student) },
      calls: recorded.length,
      service,
    };
  } finally {
    await gateway.close();
    await store.keys.revoke(key.id);
  }
}
