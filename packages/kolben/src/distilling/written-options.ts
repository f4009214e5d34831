/**
 * What a student that writes is told at the command line: when two answers are the same, and a teacher whose scores it learns from.
 *
 * @module
 */
import { resolve } from 'node:path';
import type { ServedDecoder } from '@kolben/distill';
import { UsageError } from '../cli/errors.ts';
import { readEquality } from '../config/written-answers.ts';

interface WrittenArgs {
  readonly equality?: string;
  readonly 'teacher-logits'?: string;
  readonly 'teacher-tokenizer'?: string;
  readonly base?: string;
}

/** The options of written answers, and the same as words of a command. */
export async function writtenOptions(args: WrittenArgs, cwd: string) {
  const { equality, 'teacher-logits': teacher, 'teacher-tokenizer': tokenizer } = args;
  const isServed = teacher !== undefined && /^https?:\/\//.test(teacher);
  if (tokenizer !== undefined && !isServed)
    throw new UsageError('--teacher-tokenizer is for a --teacher-logits that is an address: leave it out.');
  return {
    options: {
      ...(equality === undefined ? {} : { equality: await readEquality(equality, cwd) }),
      ...(teacher === undefined
        ? {}
        : {
            teacherLogits: isServed
              ? await servedTeacher(teacher, tokenizer ?? args.base, cwd)
              : resolve(cwd, teacher),
          }),
    },
    words: (['equality', 'teacher-logits', 'teacher-tokenizer'] as const)
      .map((name) => (args[name] === undefined ? '' : ` --${name} ${args[name]}`))
      .join(''),
  };
}

/** @throws UsageError for an address of another machine: whose terms apply to what it teaches, nobody would have asked */
async function servedTeacher(
  address: string,
  tokenizer: string | undefined,
  cwd: string,
): Promise<ServedDecoder> {
  if (!URL.canParse(address)) throw new UsageError(`--teacher-logits ${address} is no address.`);
  const url = new URL(address);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
    throw new UsageError(
      `--teacher-logits takes a server on this machine, not ${url.hostname}: run it here, or bring it here through a tunnel.`,
    );
  if (tokenizer === undefined)
    throw new UsageError(
      'A --teacher-logits that is an address needs the tokenizer of its model: name its folder with --teacher-tokenizer.',
    );
  const model = url.hash === '' ? undefined : decodeURIComponent(url.hash.slice(1));
  url.hash = '';
  const key = process.env.KOLBEN_TEACHER_KEY;
  const { askTokens } = await import('@kolben/gateway');
  return {
    name: model ?? url.host,
    tokenizer: resolve(cwd, tokenizer),
    ask: askTokens({ url: url.href, model, ...(key && { key }) }),
  };
}
