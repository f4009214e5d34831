/**
 * `kolben students export`: a student for other people's programs, if the terms of its teachers allow it.
 *
 * @module
 */
import { resolve } from 'node:path';
import {
  checkStudentTerms,
  EXPORT_FORMATS,
  exportStudent,
  type TermsCheck,
  termsWarnings,
} from '@kolben/distill';
import { defineKolbenCommand } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { oneOf } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { findConfig } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { storeArgs } from '../config/with-store.ts';
import { count } from '../progress/words.ts';

export const exported = defineKolbenCommand({
  name: 'export',
  description:
    'write a student for other programs: as GGUF, as ONNX, or as a folder in Hugging Face’s layout',
  examples: [
    'kolben students export students/replies --to gguf --out replies.gguf',
    'kolben students export students/mails --to onnx --out mails.onnx --json',
  ],
  args: {
    student: { type: 'positional', required: true, description: 'the student folder' },
    to: { type: 'string', required: true, description: EXPORT_FORMATS.join(', '), valueHint: 'format' },
    out: {
      type: 'string',
      required: true,
      description: 'the file to write, or the folder for hf; nothing may be there',
      valueHint: 'path',
    },
    halves: {
      type: 'boolean',
      description: 'for gguf: keep matrices in float16, half the size',
      default: false,
    },
    internal: {
      type: 'boolean',
      description:
        "it stays in the house: the providers' terms are asked for that use, not for giving it to third parties",
      default: false,
    },
    config: storeArgs.config,
  },
  async run(args, context) {
    const to = oneOf('--to', args.to, EXPORT_FORMATS);
    if (args.halves && to !== 'gguf')
      throw new UsageError('--halves goes with --to gguf only: leave it out.');
    const out = resolve(context.cwd, args.out);
    const configFile = findConfig(context.cwd, args.config);
    const providers = configFile === undefined ? {} : (await loadConfig(configFile)).providers;
    const distribution = args.internal ? ('internal' as const) : ('distributed' as const);
    const checks: TermsCheck[] = [];
    const phase = context.progress.phase('Exporting');
    const report = await exportStudent(resolve(context.cwd, args.student), {
      to,
      out,
      halves: args.halves,
      permit: (student) => void checks.push(checkStudentTerms(student, { distribution, providers })),
      signal: context.signal,
    }).finally(() => phase.stop());
    const warnings = checks.flatMap(termsWarnings);
    return {
      json: { ...report, terms: checks[0] ?? null, warnings },
      text: [
        `${plain(out)} is written: ${count(report.bytes)} bytes (${to}).`,
        ...warnings.map((warning) => `Note: ${warning}`),
      ].join('\n'),
    };
  },
});
