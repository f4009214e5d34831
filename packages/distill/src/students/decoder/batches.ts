/**
 * Rows to learn from as the inputs of the training graph, packed side by side.
 *
 * @module
 */
import { type Microbatch, packRows } from '@kolben/engine';
import type { SoftTargets } from '../../teachers/soft-targets.ts';
import type { TaughtRow } from './prompt.ts';

/** Positions that a row takes: each token but the last is followed by one to learn. */
export const rowTokens = ({ tokens }: TaughtRow) => tokens.length - 1;

/** Tokens of a row that are learnt. */
export const learntTokens = ({ tokens, answer }: TaughtRow) => tokens.length - answer;

/** Positions that are computed for rows of such lengths. */
export const packedPositions = (lengths: readonly number[], rowLength: number) =>
  packRows(lengths, rowLength).length * rowLength;

/** Where the packed rows lie: for each row of the batch, its members. */
export type Layout = readonly (readonly { readonly row: SoftRow; readonly offset: number }[])[];

/** A row, and what a local teacher says of each token that it teaches. */
export interface SoftRow extends TaughtRow {
  readonly soft?: SoftTargets | undefined;
}

export function layoutOf(rows: readonly SoftRow[], rowLength: number): Layout {
  return packRows(rows.map(rowTokens), rowLength).map((members) =>
    members.map(({ index, offset }) => ({ row: rows[index], offset })),
  );
}

/** The inputs of a teacher's distribution over `known` tokens; positions that teach nothing have nothing. */
export function softInputs(layout: Layout, rowLength: number, known: number): Microbatch {
  const size = layout.length * rowLength;
  const tokens = new BigInt64Array(size * known);
  const logShares = new Float32Array(size * (known + 1));
  for (const [place, members] of layout.entries())
    for (const { row, offset } of members) {
      if (!row.soft) continue;
      const first = place * rowLength + offset + row.answer - 1;
      row.soft.tokens.forEach((token, i) => {
        tokens[first * known + i] = BigInt(token);
      });
      logShares.set(row.soft.logShares, first * (known + 1));
    }
  return {
    teacherTokens: { data: tokens, dims: [layout.length, rowLength, known] },
    teacherLogShares: { data: logShares, dims: [layout.length, rowLength, known + 1] },
  };
}

/**
 * The inputs of `decoderLoss` with packed rows, in which every token of an answer weighs as much.
 *
 * @param weight of a token in the step's loss
 */
export function microbatchOf(layout: Layout, rowLength: number, weight: number): Microbatch {
  const size = layout.length * rowLength;
  const [tokens, targets, positions, segments] = Array.from({ length: 4 }, () => new BigInt64Array(size));
  const weights = new Float32Array(size);
  for (const [place, members] of layout.entries())
    for (const [member, { row, offset }] of members.entries())
      for (let i = 0; i < rowTokens(row); i++) {
        const at = place * rowLength + offset + i;
        tokens[at] = BigInt(row.tokens[i]);
        targets[at] = BigInt(row.tokens[i + 1]);
        positions[at] = BigInt(i);
        segments[at] = BigInt(member + 1);
        if (i + 1 >= row.answer) weights[at] = weight;
      }
  const dims = [layout.length, rowLength];
  return {
    tokens: { data: tokens, dims },
    targets: { data: targets, dims },
    positions: { data: positions, dims },
    segments: { data: segments, dims },
    weights: { data: weights, dims },
  };
}
