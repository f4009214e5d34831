import type { BenchContext } from '../bench.ts';
import type { Files } from './files.ts';
import type { BenchModel } from './models.ts';
import { engineCommands } from './ours.ts';
import { profileEngine, profileTorch, type Times } from './profile.ts';
import { findTorch, torchCommands } from './torch.ts';

/** Milliseconds of one core in a step of the whole batch. */
export interface ModelProfile {
  readonly model: string;
  /** One chip alone: by program (F, B, W, U), then by operator. */
  readonly engineMilliseconds: Readonly<Record<string, Times>>;
  /** One process of one thread: by operator. */
  readonly torchMilliseconds?: Times;
}

export async function profileModel(
  model: BenchModel,
  files: Files,
  folder: string,
  { progress }: BenchContext,
): Promise<ModelProfile> {
  progress(`${model.name}: profile`);
  const engineMilliseconds = await profileEngine(
    (profileFolder) => engineCommands(model, files, profileFolder).alone[0],
    folder,
  );
  if (!('version' in findTorch())) return { model: model.name, engineMilliseconds };
  const [command] = torchCommands(model, files, 1);
  return { model: model.name, engineMilliseconds, torchMilliseconds: await profileTorch(command) };
}
