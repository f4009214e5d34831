/**
 * Cuts a model into stages and makes the programs of each: F (forward), B (gradient of the stage's input),
 * W (gradients of its weights). The optimizer's programs (U) are the same for all models: `adamw.ts`, `muon.ts`.
 *
 * What one program makes and a later one of the same stage needs is saved in between, once: nothing of the
 * forward pass is computed again in B or W, and W takes from B what both need.
 *
 * A parameter that several stages use is a parameter of each of them. W of each makes the part of the gradient that
 * comes from its own uses; whoever executes the stages adds the parts up.
 *
 * @module
 */
import { type Call, GraphError, type Initializer, type Value } from '../graph/graph.ts';
import type { Shape } from '../graph/shape.ts';
import { differentiate } from './differentiate.ts';
import { needed } from './needed.ts';
import { emitProgram, type Output, type Port, type Program, portName, portOf } from './program.ts';

/** A parameter of a stage, with the ports by which programs read it and add to its gradient. */
export interface StageParameter {
  readonly name: string;
  readonly port: string;
  readonly gradientPort: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly weightDecay: boolean;
  /** A matrix from hidden units to hidden units: see `Graph.parameter`. */
  readonly hidden: boolean;
}

/** A parameter that training leaves as it is: programs read it, and none makes its gradient. */
export type FrozenParameter = Pick<StageParameter, 'name' | 'port' | 'shape' | 'initializer'>;

/** An input of a stage's programs that the chip draws: see `Graph.dropoutMask`. */
export interface DropoutPort {
  readonly port: string;
  readonly shape: Shape;
  readonly rate: number;
  readonly index: number;
}

/** Everything a chip needs to execute a stage. Plain data. */
export interface Stage {
  readonly index: number;
  /** The names of the stage's blocks. */
  readonly blocks: readonly string[];
  readonly forward: Program;
  /** Undefined where no earlier stage needs a gradient: the first stage, or one after frozen parameters only. */
  readonly backwardInput: Program | undefined;
  /** Undefined where the stage has no parameters to be trained. */
  readonly backwardWeight: Program | undefined;
  /** Those to be trained that the stage uses; others may use them too. */
  readonly parameters: readonly StageParameter[];
  /** Those that stay as they are and that the stage uses; others may use them too. */
  readonly frozen: readonly FrozenParameter[];
  /** The inputs of the model that the stage's programs read. */
  readonly inputs: readonly Port[];
  readonly dropouts: readonly DropoutPort[];
  /** What the stage before hands over, what the stage after expects: made here or passed through. */
  readonly receives: readonly Port[];
  readonly sends: readonly Port[];
  /** Gradients of `sends` that come back, and of `receives` that go back. */
  readonly receivesGradients: readonly Port[];
  readonly sendsGradients: readonly Port[];
  /** The port of the loss, on the stage that makes it. */
  readonly loss: string | undefined;
}

/** How stages are compiled. */
export interface CompileOptions {
  /**
   * Whether stages compute their forward pass again when they go backward, instead of keeping what it made: all of
   * them, or by stage. It costs a forward pass and saves all memory but that of what a stage received. Default false.
   */
  readonly recompute?: boolean | readonly boolean[];
}

/**
 * Cuts the model after the blocks named by `cuts`: `[2]` makes two stages, blocks 0–2 and the rest.
 *
 * @throws GraphError if cuts are not ascending block numbers, stages outnumber blocks, or nothing that a stage
 * computes is used.
 */
export function compileStages(
  loss: Value,
  cuts: readonly number[],
  { recompute = false }: CompileOptions = {},
): Stage[] {
  const { graph } = loss;
  const blocks = graph.blocks.length;
  const stages = cuts.length + 1;
  if (blocks === 0)
    throw new GraphError('graph_blocks', 'The model has no blocks; build it inside `graph.block`.');
  if (!loss.call) throw new GraphError('graph_loss', 'The loss must be made by an op, not given.');
  if (stages > blocks)
    throw new GraphError(
      'graph_cuts',
      `The model has ${blocks} blocks and cannot be cut into ${stages} stages; use ${blocks} or fewer.`,
    );
  if (cuts.some((cut, i) => !Number.isInteger(cut) || cut <= (cuts[i - 1] ?? -1) || cut >= blocks - 1))
    throw new GraphError(
      'graph_cuts',
      `Cuts are ascending block numbers from 0 to ${blocks - 2}, not [${cuts.join(', ')}].`,
    );
  const stageOfBlock = graph.blocks.map((_, block) => cuts.filter((cut) => cut < block).length);
  const stageOf = (call: Call) => stageOfBlock[call.block];

  const declared = [...needed([loss])].sort((a, b) => a.id - b.id);
  const [parameters, frozen] = [true, false].map((trainable) =>
    declared.filter(({ source }) => source?.kind === 'parameter' && source.trainable === trainable),
  );
  const forwardEnd = graph.values.length;
  const gradients = differentiate(loss, parameters, stageOf);
  const isForward = (value: Value) => value.id < forwardEnd;

  const all = needed([loss, ...[...gradients.values()].flatMap((parts) => [...parts.values()])]);
  const calls = [...all].filter((value) => value.call).sort((a, b) => a.id - b.id);
  const users = new Map<Value, Value[]>();
  for (const value of calls) {
    for (const input of (value.call as Call).inputs) users.set(input, [...(users.get(input) ?? []), value]);
  }
  const stageOfValue = (value: Value) => stageOf(value.call as Call);
  const usedBy = (value: Value, test: (stage: number) => boolean) =>
    (users.get(value) ?? []).some((user) => test(stageOfValue(user)));

  /** Whether a parameter on one of the stages from 0 to s waits for this very gradient. */
  const isAwaited = (gradient: Value, s: number) =>
    [...gradients.values()].some((parts) =>
      [...parts].some(([stage, part]) => part === gradient && stage <= s),
    );

  /** What crosses from stage s to s + 1, and what comes back. */
  const up = cuts.map((_, s) =>
    calls.filter((v) => isForward(v) && stageOfValue(v) <= s && usedBy(v, (user) => user > s)),
  );
  const down = cuts.map((_, s) =>
    calls.filter(
      (v) =>
        !isForward(v) &&
        stageOfValue(v) > s &&
        // A gradient that reaches a parameter untouched has no user there, only a parameter that waits for it.
        (usedBy(v, (user) => user <= s) || isAwaited(v, s)),
    ),
  );

  return Array.from({ length: stages }, (_, index): Stage => {
    const own = (value: Value) => value.call !== undefined && stageOfValue(value) === index;
    const received = up[index - 1] ?? [];
    const gradientsReceived = down[index] ?? [];
    const gradientsSent = down[index - 1] ?? [];
    const isLast = stageOfValue(loss) === index;
    const ownParameters = parameters.filter((parameter) => usedBy(parameter, (user) => user === index));

    const foreign = new Set([...received, ...gradientsReceived]);
    const backward = calls.filter((value) => !isForward(value) && own(value));
    const backwardInputs = needed(gradientsSent.filter(own), (v) => foreign.has(v) || isForward(v));
    const inB = (value: Value) => !isForward(value) && own(value) && backwardInputs.has(value);
    const inW = (value: Value) => !isForward(value) && own(value) && !inB(value);

    const isRecomputed = typeof recompute === 'boolean' ? recompute : recompute[index] === true;
    const usedBackward = calls.filter(
      (v) => isForward(v) && own(v) && backward.some((b) => b.call?.inputs.includes(v)),
    );
    const savedByF = isRecomputed ? [] : usedBackward;
    const hasB = gradientsSent.some(own);
    // A stage may use a parameter in a way that gives none.
    const weightGradients = ownParameters.flatMap((parameter) => {
      const value = gradients.get(parameter)?.get(index);
      return value ? [{ parameter, value }] : [];
    });
    // A parameter's gradient that B happens to make reaches W as a saved value too.
    const savedByB = [
      ...(isRecomputed && hasB ? usedBackward.filter((v) => usedIn(users, v, inW)) : []),
      ...backward.filter(
        (v) => inB(v) && (usedIn(users, v, inW) || weightGradients.some(({ value }) => value === v)),
      ),
    ];
    const sent = (up[index] ?? []).filter(own);

    const given = (inside: (value: Value) => boolean) =>
      new Set([...calls.filter((v) => !inside(v)), ...foreign]);
    const program = (
      name: string,
      outputs: Output[],
      inside: (value: Value) => boolean,
    ): Program | undefined =>
      outputs.length === 0
        ? undefined
        : emitProgram({ name: `${name}${index}`, outputs, given: given(inside), intoGivenMemory: true });
    const named = (values: readonly Value[]): Output[] =>
      [...new Set(values)].map((value) => ({ value, name: portName(value) }));

    const forward = program(
      'F',
      named([...sent, ...savedByF, ...(isLast ? [loss] : [])]),
      (v) => isForward(v) && own(v),
    );
    if (!forward)
      throw new GraphError(
        'graph_cuts',
        `Nothing that the blocks of stage ${index} compute is used; cut elsewhere.`,
      );
    const backwardInput = program(
      'B',
      named([...gradientsSent.filter(own), ...savedByB]),
      (v) => inB(v) || (isRecomputed && isForward(v) && own(v)),
    );
    const backwardWeight = program(
      'W',
      weightGradients.map(({ parameter, value }) => ({
        value,
        name: gradientPort(parameter),
        accumulateInto: `${gradientPort(parameter)}.sum`,
      })),
      (v) => inW(v) || (isRecomputed && !hasB && isForward(v) && own(v)),
    );

    const programs = [forward, backwardInput, backwardWeight].filter((p) => p !== undefined);
    const ports = new Set(programs.flatMap((p) => p.inputs.map((port) => port.name)));
    const sources = graph.values.filter((value) => value.source && ports.has(portName(value)));
    return {
      index,
      blocks: graph.blocks
        .filter((_block, block) => stageOfBlock[block] === index)
        .map((block) => block.name),
      forward,
      backwardInput,
      backwardWeight,
      parameters: ownParameters.map((parameter) => ({
        ...parameterSource(parameter),
        port: portName(parameter),
        gradientPort: gradientPort(parameter),
        shape: parameter.shape as number[],
      })),
      frozen: frozen
        .filter((parameter) => usedBy(parameter, (user) => user === index))
        .map((parameter) => {
          const { name, initializer } = parameterSource(parameter);
          return { name, initializer, port: portName(parameter), shape: parameter.shape as number[] };
        }),
      inputs: sources.filter((value) => value.source?.kind === 'input').map(portOf),
      dropouts: sources.flatMap((value) =>
        value.source?.kind === 'dropout'
          ? [
              {
                port: portName(value),
                shape: value.shape,
                rate: value.source.rate,
                index: value.source.index,
              },
            ]
          : [],
      ),
      receives: received.map(portOf),
      sends: (up[index] ?? []).map(portOf),
      receivesGradients: gradientsReceived.map(portOf),
      sendsGradients: gradientsSent.map(portOf),
      loss: isLast ? portName(loss) : undefined,
    };
  });
}

/** The port on which W puts a parameter's gradient; it takes the sum so far from the same name with ".sum". */
function gradientPort(parameter: Value): string {
  return `${portName(parameter)}.gradient`;
}

function parameterSource(parameter: Value) {
  if (parameter.source?.kind !== 'parameter') throw new TypeError('not a parameter');
  const { name, initializer, weightDecay, hidden } = parameter.source;
  return { name, initializer, weightDecay, hidden };
}

function usedIn(users: ReadonlyMap<Value, Value[]>, value: Value, test: (user: Value) => boolean): boolean {
  return (users.get(value) ?? []).some(test);
}
