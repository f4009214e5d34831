/**
 * What can be wrong with a file of examples.
 *
 * The message is one sentence that names the file, the line where there is one, and the way out. It never
 * quotes the file's text: examples are people's mail, and errors end up in logs.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';

export type ExampleFileErrorCode =
  | 'example_file_missing'
  | 'example_file_directory'
  | 'example_file_unreadable'
  | 'example_file_empty'
  | 'example_file_line_size'
  | 'example_file_utf8'
  | 'example_file_json'
  | 'example_file_messages'
  | 'example_file_role'
  | 'example_file_content'
  | 'example_file_input'
  | 'example_file_answer'
  | 'example_file_key'
  | 'example_file_unlabelled';

export class ExampleFileError extends KolbenError {
  declare readonly code: ExampleFileErrorCode;
  /** The file, as it was named by the caller. */
  readonly file: string;
  /** The line, counted from 1; undefined where the whole file is meant. */
  readonly line: number | undefined;

  constructor(
    code: ExampleFileErrorCode,
    where: { file: string; line?: number },
    what: string,
    options?: ErrorOptions,
  ) {
    super(code, `${where.file}${where.line === undefined ? '' : `, line ${where.line}`}: ${what}.`, options);
    this.file = where.file;
    this.line = where.line;
  }
}
