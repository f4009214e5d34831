/**
 * A file, line by line, as bytes, in bounded memory: a line over the limit ends the reading, it is not kept.
 *
 * Node's readline decodes leniently and knows no limit, so a broken byte would pass as a replacement
 * character and one endless line would fill the memory.
 *
 * @module
 */
import { open } from 'node:fs/promises';
import { ExampleFileError } from './example-file-error.ts';

export interface FileLine {
  /** Counted from 1. */
  number: number;
  /** Without its line feed. Valid only until the next line is asked for. */
  bytes: Uint8Array;
}

const LINE_FEED = 10;

/** @throws ExampleFileError when the file can't be read, or a line is longer than `lineBytes` */
export async function* readLines(file: string, lineBytes: number): AsyncGenerator<FileLine> {
  const handle = await openFile(file);
  try {
    if ((await handle.stat()).isDirectory()) throw directory(file);
    let number = 1;
    // The beginning of a line that the chunk before broke off.
    let kept: Buffer = Buffer.alloc(0);
    for await (const data of handle.createReadStream({ autoClose: false, highWaterMark: 1 << 18 })) {
      const chunk = data as Buffer;
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(LINE_FEED, start);
        const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
        if (kept.length + piece.length > lineBytes) throw tooLong(file, number, lineBytes);
        if (end === -1) {
          kept = kept.length === 0 ? Buffer.from(piece) : Buffer.concat([kept, piece]);
          break;
        }
        yield { number, bytes: kept.length === 0 ? piece : Buffer.concat([kept, piece]) };
        kept = Buffer.alloc(0);
        number++;
        start = end + 1;
      }
    }
    if (kept.length > 0) yield { number, bytes: kept };
  } catch (error) {
    throw error instanceof ExampleFileError ? error : unreadable(file, error);
  } finally {
    await handle.close();
  }
}

async function openFile(file: string) {
  try {
    return await open(file, 'r');
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new ExampleFileError('example_file_missing', { file }, 'there is no such file; check the path', {
        cause: error,
      });
    }
    if (code === 'EISDIR') throw directory(file);
    throw unreadable(file, error);
  }
}

function directory(file: string): ExampleFileError {
  return new ExampleFileError(
    'example_file_directory',
    { file },
    'this is a folder; name the JSON Lines file in it',
  );
}

function unreadable(file: string, error: unknown): ExampleFileError {
  return new ExampleFileError(
    'example_file_unreadable',
    { file },
    `the file cannot be read (${systemCode(error) ?? 'unknown error'}); check its permissions and its disk`,
    { cause: error },
  );
}

function tooLong(file: string, line: number, lineBytes: number): ExampleFileError {
  const size = lineBytes % 1_048_576 === 0 ? `${lineBytes / 1_048_576} MiB` : `${lineBytes} bytes`;
  return new ExampleFileError(
    'example_file_line_size',
    { file, line },
    `the line is longer than ${size}, the limit for one example; shorten its messages or leave it out`,
  );
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
