/**
 * `kolben init`: writes a commented configuration.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KolbenError } from '@kolben/engine/error';
import { defineKolbenCommand } from '../cli/command.ts';
import { configNames, findConfig } from '../config/find-config.ts';
import { configTemplate } from '../config/template.ts';

export const init = defineKolbenCommand({
  name: 'init',
  description: 'write a commented kolben.config.ts into the working folder',
  examples: ['kolben init'],
  args: {},
  async run(_args, context) {
    const existing = findConfig(context.cwd);
    if (existing !== undefined) {
      throw new KolbenError(
        'config_exists',
        `${existing} is there already: edit it, or remove it and run 'kolben init' again.`,
      );
    }
    const file = join(context.cwd, configNames[0]!);
    try {
      await writeFile(file, configTemplate, { flag: 'wx' });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new KolbenError(
        'config_unwritable',
        `${file} could not be written (${code}): choose a folder you may write to.`,
        { cause: error },
      );
    }
    return {
      json: { config: file },
      text: [
        `Wrote ${file}.`,
        '',
        'Next:',
        "  1. Name your provider, its model and your task in it, and add '.kolben/' to .gitignore.",
        "  2. kolben keys create --name 'my app'",
        '  3. kolben up',
        "  4. Point your OpenAI client at http://127.0.0.1:4141/v1, with that key and the model 'kolben/mails'.",
      ].join('\n'),
    };
  },
});
