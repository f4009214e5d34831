/**
 * The text that a student is asked about: what was typed, or standard input.
 *
 * @module
 */
import { TextDecoder } from 'node:util';
import { KolbenError } from '@kolben/engine/error';
import type { Context } from './command.ts';

/** More than any text that is worth one label. */
const mostBytes = 10 * 1024 * 1024;

async function readAll(stdin: Context['stdin']): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stdin) {
    pieces.push(Buffer.from(piece as Uint8Array));
    size += (piece as Uint8Array).length;
    if (size > mostBytes)
      throw new KolbenError(
        'answer_input_size',
        'Standard input holds more than 10 MiB: give one text at a time.',
      );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
  } catch (error) {
    throw new KolbenError(
      'answer_input_utf8',
      'Standard input is not UTF-8: convert the text first, for instance with iconv.',
      { cause: error },
    );
  }
}

/**
 * @param typed the text, or `-` for standard input
 * @throws KolbenError for input that is too long, is no UTF-8, or holds nothing but space
 */
export async function readText(typed: string, stdin: Context['stdin']): Promise<string> {
  const text = typed === '-' ? await readAll(stdin) : typed;
  if (text.trim() === '')
    throw new KolbenError('answer_input_empty', 'There is no text to answer: give some words.');
  return text;
}
