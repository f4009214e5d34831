/**
 * The typed tensor graph: values, the calls of ops that make them, and where the others come from.
 *
 * A model is a graph that is built once, by calling ops on values; nothing is computed while it is built.
 * Every call remembers its block (models are cut into stages between blocks) and its name in the model
 * (errors and timelines speak of it).
 *
 * @module
 */
import { KolbenError } from '../error.ts';
import { arrayOf, bytesPerElement, type DType, dtypeOf, type TensorData } from './dtype.ts';
import type { Emitter } from './emitter.ts';
import { type Dim, formatShape, type Shape, ShapeMismatch } from './shape.ts';

/** Where a value comes from that no op makes. */
export type Source =
  /** Given with each microbatch. */
  | {
      readonly kind: 'input';
      readonly name: string;
      /** Its integers lie in [0, below); undefined: whatever the ops that take them can take. */
      readonly below?: number;
    }
  /** Trained, or a part of the model that stays as it is; lives on the chip of its stage. */
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly initializer: Initializer;
      readonly weightDecay: boolean;
      /** Whether it is a matrix from hidden units to hidden units, which Muon may move. */
      readonly hidden: boolean;
      /** Whether training moves it: otherwise it costs neither a gradient nor state of an optimizer. */
      readonly trainable: boolean;
    }
  /** Part of the program. */
  | { readonly kind: 'constant'; readonly tensor: TensorData }
  /** Zeros and 1/(1-rate), drawn by the chip from (seed, step, microbatch, index): the same on every chip. */
  | { readonly kind: 'dropout'; readonly name: string; readonly rate: number; readonly index: number };

/** What a parameter begins as: zeros, ones, or draws of a normal distribution of mean 0. */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'normal'; readonly deviation: number };

/** One use of an op in a graph. */
export interface Call<A = unknown> {
  readonly op: Op<A>;
  readonly inputs: readonly Value[];
  readonly attributes: A;
  readonly output: Value;
  /** The place in the model: the names of the enclosing scopes, joined by "/". */
  readonly scope: string;
  readonly block: number;
}

/**
 * An op: its shape rule, its gradient, its ONNX lowering.
 * Sees its attributes as `A`; the graph treats them as opaque.
 */
export interface Op<A = unknown> {
  readonly name: string;
  /** The type of the output. Throws `ShapeMismatch` with the reason when the inputs don't fit. */
  infer(inputs: readonly Value[], attributes: A): { readonly dtype: DType; readonly shape: Shape };
  /**
   * The gradient of the loss by each input, given that by the output; undefined where an input has none.
   * Built of ordinary calls on the same graph. `null` for an op of integers, through which nothing flows.
   */
  readonly gradient: ((call: Call<A>, outputGradient: Value) => (Value | undefined)[]) | null;
  /** Emits ONNX nodes for one call; `inputs` and the result are names of ONNX values. */
  lower(call: Call<A>, inputs: readonly string[], emit: Emitter): string;
}

/** A tensor that will exist when a program runs. */
export interface Value {
  readonly graph: Graph;
  readonly id: number;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly source: Source | undefined;
  /**
   * The call that makes it; undefined for a source.
   *
   * @internal
   */
  readonly call: Call | undefined;
}

/** A mistake in building a model: the sentence names the op, its place in the model and the shapes. */
export class GraphError extends KolbenError {}

/** A piece of the model, before and after which it may be cut. */
export interface Block {
  readonly name: string;
}

/**
 * A model as values and the calls of ops between them. It is built by calling ops; nothing is computed
 * meanwhile.
 */
export class Graph {
  readonly values: Value[] = [];
  readonly blocks: Block[] = [];
  readonly #scopes: string[] = [];
  readonly #names = new Set<string>();
  #block = 0;
  /** The block that is being built. */
  #openBlock: string | undefined;
  #dropouts = 0;
  readonly #trainable: boolean;

  /** @param options `trainable`: what parameters are unless they say otherwise; default true */
  constructor(options: { trainable?: boolean } = {}) {
    this.#trainable = options.trainable ?? true;
  }

  /** A tensor that is given with each microbatch; `below`: its integers lie in [0, below), which a run then checks. */
  input(name: string, dtype: DType, shape: Shape, { below }: { below?: number } = {}): Value {
    checkType(`The input "${name}"`, dtype, shape, isInputDim, 'whole numbers and symbols such as "B"');
    this.#claim(name);
    return this.#source({ kind: 'input', name, ...(below === undefined ? {} : { below }) }, dtype, shape);
  }

  /**
   * A trained tensor; its shape must be known. Named by the enclosing scopes and `name`. `weightDecay` is by default
   * for all but vectors. `hidden` says that it is a matrix that takes hidden units to hidden units: no table of tokens,
   * no head. One that is not `trainable` stays what it begins as: no gradient of it is computed.
   */
  parameter(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    options: {
      dtype?: 'float32' | 'float64';
      weightDecay?: boolean;
      hidden?: boolean;
      trainable?: boolean;
    } = {},
  ): Value {
    const path = [...this.#scopes, name].join('.');
    const { kind } = initializer;
    checkType(
      `The parameter "${path}"`,
      options.dtype ?? 'float32',
      shape,
      isParameterDim,
      'whole numbers above 0',
    );
    if (kind !== 'zeros' && kind !== 'ones' && !(kind === 'normal' && Number.isFinite(initializer.deviation)))
      throw new GraphError(
        'graph_initializer',
        `The parameter "${path}" ${formatShape(shape)} cannot begin as ${JSON.stringify(initializer)}; use zeros, ones, or normal with a deviation.`,
      );
    this.#claim(path);
    const { dtype = 'float32', weightDecay = shape.length > 1, hidden = false } = options;
    const { trainable = this.#trainable } = options;
    if (hidden && shape.length !== 2)
      throw new GraphError(
        'graph_hidden',
        `Only a matrix can be hidden, and the parameter "${path}" is ${formatShape(shape)}; leave the option out.`,
      );
    return this.#source(
      { kind: 'parameter', name: path, initializer, weightDecay, hidden, trainable },
      dtype,
      shape,
    );
  }

  /** A tensor of numbers that are part of the program. */
  constant(tensor: TensorData, dtype: DType): Value {
    if (dtypeOf(tensor.data) !== dtype)
      throw new GraphError(
        'graph_tensor',
        `A constant ${formatShape(tensor.dims)} of ${dtype} was given ${dtypeOf(tensor.data)}; give the typed array of its type.`,
      );
    return this.#source({ kind: 'constant', tensor }, dtype, tensor.dims);
  }

  /** A mask of zeros and 1/(1-rate). `rate` in [0, 1). */
  dropoutMask(shape: Shape, rate: number): Value {
    if (!(rate >= 0 && rate < 1))
      throw new GraphError(
        'graph_rate',
        `A dropout rate${at(this.#scopes.join('/'))} lies in [0, 1), not ${rate}; 0 drops nothing.`,
      );
    const index = this.#dropouts++;
    return this.#source({ kind: 'dropout', name: `dropout${index}`, rate, index }, 'float32', shape);
  }

  /** Everything built inside belongs to the named place of the model. */
  scope<T>(name: string, build: () => T): T {
    this.#scopes.push(name);
    try {
      return build();
    } finally {
      this.#scopes.pop();
    }
  }

  /** Like `scope`, and the model may be cut before and after it. Blocks follow each other; they don't nest. */
  block<T>(name: string, build: () => T): T {
    if (this.#openBlock !== undefined)
      throw new GraphError(
        'graph_block',
        `The block "${name}" is begun inside the block "${this.#openBlock}"; end that first, or use \`graph.scope\`.`,
      );
    this.#block = this.blocks.push({ name }) - 1;
    this.#openBlock = name;
    try {
      return this.scope(name, build);
    } finally {
      this.#openBlock = undefined;
    }
  }

  /**
   * Builds with the block and scope of an earlier call: what a gradient does.
   *
   * @internal
   */
  within<T>(call: Pick<Call, 'scope' | 'block'>, build: () => T): T {
    const scopes = this.#scopes.splice(0, this.#scopes.length, call.scope);
    const block = this.#block;
    this.#block = call.block;
    try {
      return build();
    } finally {
      this.#scopes.splice(0, this.#scopes.length, ...scopes);
      this.#block = block;
    }
  }

  /**
   * Adds a call of `op`. Throws a GraphError that names op, place and shapes when the inputs don't fit.
   *
   * @internal
   */
  apply<A>(op: Op<A>, inputs: readonly Value[], given: A | (() => A)): Value {
    const scope = this.#scopes.join('/');
    for (const input of inputs) {
      if (!(input?.graph instanceof Graph))
        throw new GraphError(
          'graph_value',
          `${op.name}${at(scope)} was given ${String(input)}; it takes values that a graph or an op made.`,
        );
      if (input.graph !== this)
        throw new GraphError(
          'graph_mixed',
          `${op.name}${at(scope)} was given a value of another graph; build a model on one graph.`,
        );
    }
    let type: { dtype: DType; shape: Shape };
    let attributes: A;
    try {
      attributes = typeof given === 'function' ? (given as () => A)() : given;
      type = op.infer(inputs, attributes);
    } catch (error) {
      if (!(error instanceof ShapeMismatch)) throw error;
      const shapes = inputs.map((input) => `${input.dtype} ${formatShape(input.shape)}`).join(' and ');
      throw new GraphError('graph_shape', `${op.name}${at(scope)} cannot take ${shapes}: ${error.message}.`);
    }
    const value: { -readonly [K in keyof Value]: Value[K] } = {
      graph: this,
      id: this.values.length,
      ...type,
      source: undefined,
      call: undefined,
    };
    // The graph keeps calls of every op in one list; each op alone knows what its attributes are.
    value.call = { op, inputs, attributes, output: value, scope, block: this.#block } as unknown as Call;
    this.values.push(value);
    return value;
  }

  #source(source: Source, dtype: DType, shape: Shape): Value {
    const value: Value = { graph: this, id: this.values.length, dtype, shape, source, call: undefined };
    this.values.push(value);
    return value;
  }

  #claim(name: string): void {
    if (this.#names.has(name))
      throw new GraphError(
        'graph_name',
        `The model has two inputs or parameters named "${name}"; rename one.`,
      );
    this.#names.add(name);
  }
}

function at(scope: string): string {
  return scope === '' ? '' : ` at "${scope}"`;
}

/**
 * Adds a call of `op` to the graph of its inputs. Attributes that depend on shapes which may not fit are given as a
 * function, so that what it throws is told with the op and its place.
 */
export function apply<A>(op: Op<A>, inputs: readonly Value[], attributes: A | (() => A)): Value {
  const graph = inputs.find((input) => input?.graph instanceof Graph)?.graph;
  if (!graph)
    throw new GraphError(
      'graph_value',
      `${op.name} was given ${inputs.length === 0 ? 'no values' : 'nothing that a graph or an op made'}; it takes values of a graph.`,
    );
  return graph.apply(op, inputs, attributes);
}

/** Refuses a type that no tensor has. */
function checkType(
  what: string,
  dtype: DType,
  shape: Shape,
  isDim: (dim: Dim) => boolean,
  dims: string,
): void {
  if (!Object.hasOwn(bytesPerElement, dtype))
    throw new GraphError(
      'graph_dtype',
      `${what} cannot be ${String(dtype)}; use one of ${Object.keys(bytesPerElement).join(', ')}.`,
    );
  if (!shape.every(isDim))
    throw new GraphError('graph_dim', `${what} cannot be ${formatShape(shape)}; its extents are ${dims}.`);
}

const isParameterDim = (dim: Dim) => Number.isInteger(dim) && Number(dim) > 0;

const isInputDim = (dim: Dim) =>
  typeof dim === 'string'
    ? /^(\d+|[A-Za-z_]\w*)(\*(\d+|[A-Za-z_]\w*))*$/.test(dim)
    : Number.isInteger(dim) && dim >= 0;

/** A single number as a value of the same graph and type as `like`. */
export function scalar(like: Value, number: number): Value {
  return like.graph.constant({ data: arrayOf(like.dtype, [number]), dims: [] }, like.dtype);
}

/** A tensor of numbers that are part of the program, on the graph of `like`. */
export function constant(
  like: Value,
  dtype: DType,
  numbers: readonly number[],
  dims = [numbers.length],
): Value {
  return like.graph.constant({ data: arrayOf(dtype, numbers), dims }, dtype);
}
