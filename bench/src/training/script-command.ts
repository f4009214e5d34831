import { fileURLToPath } from 'node:url';
import type { Command } from './contestant.ts';

/** Node running a script of this folder, built or as it stands in the sources, with `task` as JSON. */
export function scriptCommand(script: string, task: object): Pick<Command, 'file' | 'arguments'> {
  const built = !import.meta.url.endsWith('.ts');
  const path = fileURLToPath(new URL(`./${script}.${built ? 'js' : 'ts'}`, import.meta.url));
  const loader = built ? [] : ['--conditions=source', '--import', 'tsx'];
  return { file: process.execPath, arguments: [...loader, path, JSON.stringify(task)] };
}
