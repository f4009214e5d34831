/**
 * Our side: trains the bench's decoder with the engine in a process of its own, driven by lines (`Contestant`).
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import {
  type Chip,
  chipUse,
  costsOf,
  type Microbatch,
  makeSchedule,
  makespan,
  measureBlocks,
  nn,
  partition,
  readSafetensors,
  replicas,
  type Schedule,
  simulate,
  startChip,
  type Timeline,
  train,
} from '@kolben/engine';
import { sequences } from './batches.ts';
import type { EngineTask, EngineTurn } from './engine-task.ts';
import { HeldChips, timelineOfReports } from './held-chips.ts';
import { learningRate, optimizer, tokensInStep } from './models.ts';

await main(JSON.parse(process.argv[2]) as EngineTask);

async function main(task: EngineTask): Promise<void> {
  const { model, microbatches, profileFolder } = task;
  // By name, replicas are cut into as many pieces as there are of them.
  const schedule =
    task.schedule === 'replicas'
      ? replicas({ replicas: task.replicas ?? 1, stages: task.stages, microbatches })
      : makeSchedule(task.schedule, { stages: task.stages, microbatches }).schedule;
  const tensors = readSafetensors(await readFile(task.weights), task.weights).tensors;
  const parameters = Object.fromEntries(
    Object.entries(tensors).map(([name, { data }]) => [name, data as Float32Array]),
  );
  const file = await readFile(task.batches);
  const batches = new Int32Array(file.buffer, file.byteOffset, file.byteLength / 4);
  const loss = nn.decoderLoss(model.shape, { length: model.length, headParts: task.headParts });
  const common = {
    loss,
    optimizer,
    bounds: { B: (task.share[1] - task.share[0]) / microbatches },
    seed: 0,
    microbatches: (step: number) => microbatchesOf(task, batches, step),
  };
  const chips = await Promise.all(schedule.chips.map((_, index) => startChip(index, { profileFolder })));
  const cuts = await cutsFor(task, common, chips);

  const held = new HeldChips(chips);
  const end = new AbortController();
  const run = train({
    ...common,
    cuts,
    schedule,
    chips: held.chips,
    steps: Number.MAX_SAFE_INTEGER,
    learningRate: () => learningRate,
    initial: nn.divideTables(model.shape, parameters, task.headParts),
    signal: end.signal,
    timelineSteps: 1,
  });
  // It ends by the signal only; whatever else ends it is told at once.
  run.catch((error) => {
    if (end.signal.aborted) return;
    console.error(error);
    process.exit(1);
  });

  console.log(JSON.stringify({ ready: true, cuts }));
  for await (const line of createInterface({ input: process.stdin })) {
    const steps = Number(line.split(' ')[1]);
    const begun = performance.now();
    const reports = await held.run(steps);
    const seconds = (performance.now() - begun) / 1000;
    const losses = reports.map((chips) => chips.reduce((sum, { loss = 0 }) => sum + loss, 0));
    const turn = { seconds, losses, ...comparison(schedule, timelineOfReports(schedule, reports), steps) };
    console.log(JSON.stringify(turn satisfies EngineTurn));
  }
  end.abort();
  held.release();
  await run.catch(() => {});
  await Promise.all(chips.map((chip) => chip.close()));
}

/** Even stages by measured times, where there are several. */
async function cutsFor(
  { stages }: EngineTask,
  options: Pick<
    Parameters<typeof measureBlocks>[0],
    'loss' | 'optimizer' | 'bounds' | 'seed' | 'microbatches'
  >,
  [chip]: readonly Chip[],
): Promise<number[]> {
  if (stages === 1) return [];
  const measured = await measureBlocks({ ...options, chips: [chip] });
  return partition(measured.costs, stages, measured.cuts);
}

function microbatchesOf(
  { model, microbatches, share }: EngineTask,
  batches: Int32Array,
  step: number,
): Microbatch[] {
  const { length } = model;
  const size = (share[1] - share[0]) / microbatches;
  const dims = [size, length];
  const weights = { data: new Float32Array(size * length).fill(1 / tokensInStep(model)), dims };
  const positions = {
    data: BigInt64Array.from({ length: size * length }, (_, i) => BigInt(i % length)),
    dims,
  };
  return Array.from({ length: microbatches }, (_, i) => {
    const start = share[0] + i * size;
    const { tokens, targets } = sequences(batches, model, step, start, start + size);
    const integers = (from: Int32Array) => ({ data: BigInt64Array.from(from, BigInt), dims });
    return { tokens: integers(tokens), targets: integers(targets), positions, weights };
  });
}

function comparison(
  schedule: Schedule,
  timeline: Timeline,
  steps: number,
): Pick<EngineTurn, 'simulatedSeconds' | 'busyShares'> {
  const simulated = makespan(simulate(schedule, costsOf(timeline), { steps }));
  const beginning = (step: number) =>
    Math.min(...timeline.spans.filter((span) => span.step === step).map(({ start }) => start));
  return {
    simulatedSeconds: simulated / 1000,
    busyShares:
      steps < 3
        ? undefined
        : chipUse(timeline, { start: beginning(1), end: beginning(steps - 1) }).map(
            ({ busyShare }) => busyShare,
          ),
  };
}
