/**
 * What an earlier run left behind, and whether this one may go on from there.
 *
 * The recorded calls are in the store and nowhere else; what is written here is only what the store cannot know:
 * which inputs it belongs to, and how far the run came.
 *
 * @module
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const version = 1;

export interface State {
  version: number;
  /** Of everything that the result depends on: mails, division, prompt, teacher, settings. */
  inputs: string;
  /** The student is trained and registered. */
  trained: boolean;
  /** The report is written. */
  finished: boolean;
}

export interface Folder {
  path: string;
  /** The store's. */
  data: string;
  student: string;
  /** What `distill` reported, kept for the HTML report. */
  training: string;
  report: string;
}

export function folderAt(path: string): Folder {
  return {
    path,
    data: join(path, 'data'),
    student: join(path, 'student'),
    training: join(path, 'training.json'),
    report: join(path, 'report.html'),
  };
}

/** Written beside and moved into place, so that a killed run leaves the old file or the new one. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text);
  await rename(`${file}.part`, file);
}

export async function saveState(folder: Folder, state: Omit<State, 'version'>): Promise<void> {
  await writeWhole(
    join(folder.path, 'state.json'),
    `${JSON.stringify({ version, ...state }, undefined, 2)}\n`,
  );
}

async function readState(folder: Folder): Promise<State | undefined> {
  try {
    const state = JSON.parse(await readFile(join(folder.path, 'state.json'), 'utf8')) as State;
    return state.version === version ? state : undefined;
  } catch {
    // Not there, or written by something else: either way there is nothing to go on from.
    return undefined;
  }
}

/** Decides between going on and starting clean, clears the folder for the latter, and says which and why. */
export async function begin(folder: Folder, inputs: string): Promise<{ state: State; sentence: string }> {
  const earlier = await readState(folder);
  if (earlier && !earlier.finished && earlier.inputs === inputs) {
    return {
      state: earlier,
      sentence: 'Going on with the run that was interrupted: nothing it recorded is asked again.',
    };
  }
  const sentence =
    earlier === undefined
      ? 'Starting clean: there is no earlier run here.'
      : earlier.finished
        ? 'Starting clean: the earlier run was finished. Its report stays until the new one replaces it.'
        : 'Starting clean: the earlier run had other inputs.';
  for (const path of [folder.data, folder.student, folder.training])
    await rm(path, { recursive: true, force: true });
  const state = { version, inputs, trained: false, finished: false };
  return { state, sentence };
}
