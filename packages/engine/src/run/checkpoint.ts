/**
 * Checkpoints: one safetensors file that holds all of a run's state, replaced as a whole or not at all.
 *
 * A checkpoint knows nothing of chips, cuts and schedules: a run goes on from it on any number of chips.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KolbenError } from '../error.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import type { TensorData } from '../graph/dtype.ts';
import { formatShape } from '../graph/shape.ts';
import { replaceFile } from './replace-file.ts';
import type { Parameters, RunState } from './run-state.ts';

/** A checkpoint that a run cannot go on from. */
export class CheckpointError extends KolbenError {}

/** What a run must have in common with the one that wrote a checkpoint. */
export interface CheckpointIdentity {
  readonly seed: number;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Names of the parameters that Muon moves; AdamW moves the others. */
  readonly muon: ReadonlySet<string>;
  /** Words of the caller's own about data and settings: a run goes on only from a checkpoint with the same. */
  readonly of: string;
}

const format = 'kolben-checkpoint-1';
const kinds = ['values', 'first', 'second', 'means'] as const;

/** The bytes of a checkpoint. */
export function encodeCheckpoint(state: RunState, { seed, shapes, of }: CheckpointIdentity): Uint8Array {
  const tensors: Record<string, TensorData> = {
    losses: { data: Float64Array.from(state.losses), dims: [state.losses.length] },
  };
  for (const kind of kinds) {
    for (const [name, data] of Object.entries(state[kind]))
      tensors[`${kind}.${name}`] = { data, dims: shapes.get(name) ?? [data.length] };
  }
  return writeSafetensors(tensors, {
    metadata: {
      format,
      of,
      seed: String(seed),
      step: String(state.step),
      averaged: String(state.averaged),
      seconds: String(state.seconds),
      sha256: digest(tensors),
    },
  });
}

/**
 * The state in a checkpoint's bytes.
 *
 * @param file how the errors call it
 * @throws CheckpointError when it is damaged, or of another model, optimizer, seed or data.
 */
export function decodeCheckpoint(bytes: Uint8Array, file: string, identity: CheckpointIdentity): RunState {
  const { tensors, metadata } = readable(bytes, file);
  const refuse = (what: string): never => {
    throw new CheckpointError(
      'checkpoint_other',
      `The checkpoint ${file} ${what}; go on with what it was written for, or name another file.`,
    );
  };
  const { shapes, muon, seed, of } = identity;
  if (metadata.of !== of) refuse(`was written for other data or settings`);
  if (metadata.seed !== String(seed)) refuse(`was written with seed ${metadata.seed}, not ${seed}`);
  for (const [name, shape] of shapes) {
    const tensor = tensors[`values.${name}`];
    if (!tensor) return refuse(`is of another model: it has no parameter "${name}" ${formatShape(shape)}`);
    if (String(tensor.dims) !== String(shape))
      refuse(
        `is of another model: its parameter "${name}" is ${formatShape(tensor.dims)}, not ${formatShape(shape)}`,
      );
    const [wrote, moves] = [!tensors[`second.${name}`], muon.has(name)].map((is) => (is ? 'Muon' : 'AdamW'));
    if (wrote !== moves) refuse(`was written with ${wrote} for the parameter "${name}", not ${moves}`);
  }
  const stranger = Object.keys(tensors).find(
    (name) => name.startsWith('values.') && !shapes.has(name.slice('values.'.length)),
  );
  if (stranger) refuse(`is of another model: it has a parameter "${stranger.slice('values.'.length)}"`);

  const all = (kind: string): Parameters =>
    Object.fromEntries(
      Object.entries(tensors).flatMap(([name, { data }]) =>
        name.startsWith(`${kind}.`) ? [[name.slice(kind.length + 1), data as Float32Array] as const] : [],
      ),
    );
  return {
    step: Number(metadata.step),
    averaged: Number(metadata.averaged),
    // Checkpoints of before this was noted don't have it.
    seconds: Number(metadata.seconds ?? 0),
    losses: Array.from((tensors.losses?.data ?? []) as Float64Array),
    values: all('values'),
    first: all('first'),
    second: all('second'),
    means: all('means'),
  };
}

function readable(bytes: Uint8Array, file: string) {
  const damaged = (why: string, cause?: unknown): never => {
    throw new CheckpointError(
      'checkpoint_damaged',
      `The checkpoint ${file} is damaged: ${why}; delete it to begin again, or put back a copy.`,
      { cause },
    );
  };
  try {
    const read = readSafetensors(bytes, file);
    if (read.metadata.format !== format) damaged('it is no checkpoint of a run');
    if (read.metadata.sha256 !== digest(read.tensors))
      damaged('its contents are not those that were written');
    return read;
  } catch (error) {
    if (error instanceof CheckpointError || !KolbenError.isInstance(error)) throw error;
    return damaged(`it is cut short or no safetensors file (${bytes.length} bytes)`, error);
  }
}

function digest(tensors: Readonly<Record<string, TensorData>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(tensors).sort()) {
    const { data } = tensors[name];
    hash.update(`${name}\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/** @throws CheckpointError (`checkpoint_unwritable`) with what the disk says. */
export async function writeCheckpoint(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await replaceFile(file, bytes);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const why = code === 'ENOSPC' ? 'the disk is full' : `the system says ${code}`;
    throw new CheckpointError(
      'checkpoint_unwritable',
      `The checkpoint ${file} of ${bytes.length} bytes could not be written, ${why}; make room for it or name another place.`,
      { cause: error },
    );
  }
}

/**
 * The bytes of a file, or undefined where there is none.
 *
 * @throws CheckpointError (`checkpoint_unreadable`) for a folder, or what may not be read
 */
export async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CheckpointError(
      'checkpoint_unreadable',
      `The checkpoint ${file} cannot be read, ${code === 'EISDIR' ? 'it is a folder' : `the system says ${code}`}; name a file.`,
      { cause: error },
    );
  }
}
