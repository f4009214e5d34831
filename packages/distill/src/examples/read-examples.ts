/**
 * Examples from a file of JSON Lines in OpenAI's fine-tuning chat format, as a stream.
 *
 * Memory is bounded by the longest line allowed, not by the file. A byte order mark, CRLF line ends and blank
 * lines are tolerated; whatever else is wrong ends the reading with the first line that is.
 *
 * @module
 */
import { TextDecoder } from 'node:util';
import type { Example } from '@kolben/store';
import { ExampleFileError } from './example-file-error.ts';
import { parseExample } from './parse-example.ts';
import { type FileLine, readLines } from './read-lines.ts';

export interface ReadExamplesOptions {
  /** The longest line allowed, in bytes; default 1 MiB. */
  lineBytes?: number;
  /**
   * `'some'` (the default): lines without an answer are passed on with `answer: undefined`, but a file in
   * which no line has one is an error, told after the last line. `'none'`: a file without answers is fine,
   * for a teacher will be asked.
   */
  answers?: 'some' | 'none';
}

/** The longest line allowed unless told otherwise: 1 MiB, some 170,000 words. */
export const LINE_BYTES = 1_048_576;

const BYTE_ORDER_MARK = '\ufeff';

/**
 * @throws ExampleFileError with one sentence naming file, line and remedy, on the first `next()` that meets
 *   the fault
 */
export async function* readExamples(
  file: string,
  options: ReadExamplesOptions = {},
): AsyncGenerator<Example, void, undefined> {
  const { lineBytes = LINE_BYTES, answers = 'some' } = options;
  // Fatal: a replacement character would be learnt as if it had been written.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let examples = 0;
  let labelled = false;
  let firstLine = 0;
  for await (const line of readLines(file, lineBytes)) {
    const text = decode(decoder, file, line).trim();
    if (text === '') continue;
    const where = { file, line: line.number };
    const example = parseExample(parseJson(text, where), where);
    if (examples++ === 0) firstLine = line.number;
    labelled ||= example.answer !== undefined;
    yield example;
  }
  if (examples === 0) {
    throw new ExampleFileError(
      'example_file_empty',
      { file },
      'the file has no examples; write one JSON object {"messages": […]} to a line',
    );
  }
  if (!labelled && answers === 'some') {
    throw new ExampleFileError(
      'example_file_unlabelled',
      { file, line: firstLine },
      'there is no assistant message to learn from, nor on any other line; add the teacher’s answers as {"role": "assistant", "content": "…"}',
    );
  }
}

function decode(decoder: TextDecoder, file: string, line: FileLine): string {
  try {
    const text = decoder.decode(line.bytes);
    return line.number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  } catch (error) {
    const [first, second] = line.bytes;
    const utf16 =
      line.number === 1 && ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff));
    throw new ExampleFileError(
      'example_file_utf8',
      { file, line: line.number },
      `${utf16 ? 'the file is UTF-16' : 'the line is not valid UTF-8'}; save the file as UTF-8`,
      { cause: error },
    );
  }
}

function parseJson(text: string, where: { file: string; line: number }): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, so it is neither shown nor kept as the cause.
    throw new ExampleFileError(
      'example_file_json',
      where,
      'this is not valid JSON; each line must hold one JSON object, {"messages": […]}, on a single line',
    );
  }
}
