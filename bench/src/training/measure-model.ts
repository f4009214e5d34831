/**
 * Everything about one model: all contestants alive, measured in turn.
 *
 * @module
 */
import type { BenchContext } from '../bench.ts';
import { type Command, Contestant } from './contestant.ts';
import type { Files } from './files.ts';
import { jaxCommands } from './jax.ts';
import { type BenchModel, tokensInStep } from './models.ts';
import { engineCommands, names } from './ours.ts';
import { type Entry, type Measured, measureRounds } from './rounds.ts';
import { findTorch, torchCommands } from './torch.ts';
import {
  atLeast,
  atMost,
  fastest,
  pipelineFigures,
  ratio,
  type Speed,
  speedOf,
  type Verdict,
} from './verdicts.ts';

export interface ModelResult {
  readonly model: string;
  readonly tokensPerStep: number;
  readonly speeds: readonly Speed[];
  readonly verdicts: readonly Verdict[];
}

/** The machine's ceiling: what two processes reach that don't know of each other. */
const ceiling = 'two unrelated one-chip processes';

/** The bench speaks of two chips, so it uses two cores of a machine that has more. */
const cores = 2;

export async function measureModel(
  model: BenchModel,
  files: Files,
  context: BenchContext,
): Promise<ModelResult> {
  const commands = engineCommands(model, files);
  const started: Contestant[] = [];
  const start = async (list: readonly Command[]) => {
    const contestants: Contestant[] = [];
    for (const command of list) {
      context.signal.throwIfAborted();
      context.progress(`${model.name}: starting ${command.name}`);
      contestants.push(await Contestant.start(command));
      started.push(contestants[contestants.length - 1]);
    }
    return contestants;
  };
  const each = (contestants: readonly Contestant[], steps: number): Entry[] =>
    contestants.map((one) => ({ name: one.name, steps, members: [one], comparable: true }));
  // About a second and a half for each turn, and enough steps that a pipeline's ends count for little.
  const steps = model.name === 'wide' ? 4 : 12;
  try {
    const ours = each(await start([...commands.alone, ...commands.two]), steps);
    const pair: Entry = {
      name: ceiling,
      steps,
      members: await start(commands.unrelated),
      comparable: false,
    };
    const torch =
      'version' in findTorch() ? each(await start(torchCommands(model, files, cores)), steps) : [];
    const jax = each(await start(jaxCommands(model, files, cores)), 1);
    const measured = await measureRounds([...ours, pair, ...torch, ...jax], {
      ...context,
      progress: (line) => context.progress(`${model.name}: ${line}`),
    });
    const tokens = tokensInStep(model);
    const of = (entries: readonly Entry[]) =>
      measured.filter(({ name }) => entries.some((one) => one.name === name));
    return {
      model: model.name,
      tokensPerStep: tokens,
      speeds: measured.map((one) => speedOf(one, tokens)),
      verdicts: verdicts(of(ours), of([pair])[0], of(torch), of(jax), tokens),
    };
  } finally {
    await Promise.all(started.map((one) => one.close()));
  }
}

function verdicts(
  ours: readonly Measured[],
  pair: Measured,
  torch: readonly Measured[],
  jax: readonly Measured[],
  tokens: number,
): Verdict[] {
  const best = fastest(ours, tokens);
  const pipeline = ours.find(({ name }) => name === names.pipeline) as Measured;
  const { overSimulated, busyShare } = pipelineFigures(pipeline);
  const against = (peers: readonly Measured[], target: number) => {
    if (peers.length === 0) return [];
    const peer = fastest(peers, tokens);
    return [atLeast(`${best.name}, times ${peer.name}`, target, ratio(best, peer, tokens))];
  };
  return [
    ...against(torch, 1.2),
    ...against(jax, 20),
    atLeast(`${best.name}, times ${ceiling}`, 0.97, ratio(best, pair, tokens)),
    atMost(`${pipeline.name}, its time over its own simulation's`, 1.05, overSimulated),
    atLeast(`${pipeline.name}, busy share of the less busy chip`, 0.92, busyShare),
  ];
}
