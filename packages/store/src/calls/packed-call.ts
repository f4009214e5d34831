/**
 * A call as bytes: what the journal writes down is what the thread that fills the database reads. So a call is put into
 * a form once, and crosses from one thread to another as one piece of memory.
 *
 *     1 byte   form, 2
 *     4 bytes  length of the figures, little endian
 *     n bytes  the figures, a JSON object by column, and who failed before, where somebody did
 *     four texts (request, response, the student's answer, the message of an error), each
 *       4 bytes  length, or 2^32 − 1 where there is none
 *       n bytes  sealed
 *
 * The first form was V8's serialisation of the rows; journals that earlier versions left behind are in it.
 *
 * @module
 */
import { deserialize } from 'node:v8';
import type { Insertable } from 'kysely';
import type { Failure } from '../performance/count-failed.ts';
import type { CallsTable, CallTextsTable } from '../schema.ts';
import { type Place, type Seal, sealedLength } from '../seal/seal.ts';

/** A call as rows of two tables. */
export interface CallRows {
  id: string;
  figures: Insertable<CallsTable>;
  texts: Insertable<CallTextsTable>;
  /** Of the sealed texts. */
  bytes: number;
  /** Left out where nobody failed. */
  failedBefore?: readonly Failure[];
}

/** A call as bytes; its words are sealed. */
export interface PackedCall {
  id: string;
  body: Buffer;
  /** Of the sealed texts. */
  bytes: number;
}

export type TextColumn = 'request' | 'response' | 'student_answer' | 'error_message' | 'audit_response';

/** Those that are known when a call is recorded, in the order in which they are packed. */
export const packedTexts = [
  'request',
  'response',
  'student_answer',
  'error_message',
] as const satisfies TextColumn[];

/** A checked call whose words are still open: JSON each. It is sealed before it waits for anything but its thread. */
export interface OpenCall {
  id: string;
  /** The row of `calls`, as JSON. */
  figures: string;
  /** In the order of `packedTexts`. */
  texts: readonly (string | null)[];
}

const form = 2;
const none = 0xffff_ffff;
const headLength = 5;
const lengthLength = 4;

export function placeOf(column: TextColumn, callId: string): Place {
  return { column: `call_texts.${column}`, row: callId };
}

/** Figures as JSON. Whole numbers beyond 2^53, which JSON can't carry, are written as their digits. */
export function figuresToJson(
  figures: Insertable<CallsTable>,
  failedBefore: readonly Failure[] = [],
): string {
  const { cost_nano_usd: cost, teacher_cost_nano_usd: teacherCost } = figures;
  const isSmall = typeof cost === 'number' && typeof teacherCost === 'number';
  if (isSmall && failedBefore.length === 0) return JSON.stringify(figures);
  return JSON.stringify({
    ...figures,
    ...(failedBefore.length > 0 && { failedBefore }),
    cost_nano_usd: String(cost),
    teacher_cost_nano_usd: String(teacherCost),
  });
}

/** How many bytes the packed call takes. */
export function packedLength({ figures, texts }: OpenCall): number {
  let length = headLength + Buffer.byteLength(figures);
  for (const text of texts) length += lengthLength + (text === null ? 0 : sealedLength(text));
  return length;
}

/** Seals the call's words and writes it down. @returns where it ends */
export function packInto(target: Buffer, start: number, call: OpenCall, seal: Seal): number {
  const { id, figures, texts } = call;
  target[start] = form;
  const figuresLength = target.write(figures, start + headLength, 'utf8');
  target.writeUInt32LE(figuresLength, start + 1);
  let at = start + headLength + figuresLength;
  for (const [place, text] of texts.entries()) {
    if (text === null) {
      at = target.writeUInt32LE(none, at);
      continue;
    }
    const end = seal.sealInto(target, at + lengthLength, text, placeOf(packedTexts[place]!, id));
    target.writeUInt32LE(end - at - lengthLength, at);
    at = end;
  }
  return at;
}

export function packCall(call: OpenCall, seal: Seal): PackedCall {
  const body = Buffer.allocUnsafeSlow(packedLength(call));
  packInto(body, 0, call, seal);
  return packedAt(call.id, body);
}

/** A packed call by its bytes. */
export function packedAt(id: string, body: Buffer): PackedCall {
  let bytes = 0;
  for (const text of textsIn(body)) bytes += text?.length ?? 0;
  return { id, body, bytes };
}

/** Its rows; the texts lie in the call's own bytes. Rows in the first form are read too. */
export function unpackCall(body: Buffer): CallRows {
  if (body[0] !== form) return deserialize(body) as CallRows;
  const { failedBefore, ...figures } = figuresIn(body);
  const [request, response, studentAnswer, errorMessage] = textsIn(body);
  const texts = {
    request: request!,
    response: response!,
    student_answer: studentAnswer!,
    error_message: errorMessage!,
  };
  const bytes = Object.values(texts).reduce((sum, text) => sum + (text?.length ?? 0), 0);
  return {
    id: figures.id,
    bytes,
    figures,
    texts: { call_id: figures.id, ...texts, audit_response: null, bytes },
    ...(failedBefore && { failedBefore }),
  };
}

/** Rows that were changed since, packed again. */
export function packRows({ id, figures, texts, bytes, failedBefore }: CallRows): PackedCall {
  const json = Buffer.from(figuresToJson(figures, failedBefore), 'utf8');
  const pieces: Uint8Array[] = [Buffer.from([form]), lengthOf(json), json];
  for (const column of packedTexts) {
    const text = texts[column] ?? null;
    pieces.push(lengthOf(text));
    if (text) pieces.push(text);
  }
  return { id, body: Buffer.concat(pieces), bytes };
}

/** The figures of a packed call, and who failed before, where somebody did. */
export function figuresIn(body: Buffer): Insertable<CallsTable> & Pick<CallRows, 'failedBefore'> {
  const length = body.readUInt32LE(1);
  const figures = JSON.parse(body.toString('utf8', headLength, headLength + length));
  if (typeof figures.cost_nano_usd === 'string') {
    figures.cost_nano_usd = BigInt(figures.cost_nano_usd);
    figures.teacher_cost_nano_usd = BigInt(figures.teacher_cost_nano_usd);
  }
  return figures;
}

/** The sealed texts of a packed call, in the order of `packedTexts`, where they lie. */
export function textsIn(body: Buffer): (Buffer | null)[] {
  const texts: (Buffer | null)[] = [];
  let at = headLength + body.readUInt32LE(1);
  for (let place = 0; place < packedTexts.length; place += 1) {
    const length = body.readUInt32LE(at);
    at += lengthLength;
    texts.push(length === none ? null : body.subarray(at, at + length));
    if (length !== none) at += length;
  }
  return texts;
}

function lengthOf(text: Uint8Array | null): Buffer {
  const length = Buffer.allocUnsafe(lengthLength);
  length.writeUInt32LE(text === null ? none : text.length);
  return length;
}
