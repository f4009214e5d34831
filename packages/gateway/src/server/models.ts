/**
 * `GET /v1/models`: whatever may be called, as models: tasks, students, teachers.
 *
 * @module
 */
import { type Choice, matchTarget } from '../tasks/match-target.ts';
import { modelName } from '../tasks/model-names.ts';

export interface Model {
  id: string;
  object: 'model';
  /** Unix seconds: of a student when it was registered, of all else since when it is served. */
  created: number;
  /** `kolben`, or the provider's name. */
  owned_by: string;
}

/** @param since when the gateway was started, Unix seconds */
export async function listModels(choice: Choice, since: number): Promise<Model[]> {
  return [
    ...[...choice.tasks.keys()].map((task) => model(modelName(task), since, 'kolben')),
    ...(await choice.students()).map(({ name, created }) => model(name, created, 'kolben')),
    ...choice.teachers().map(({ name, provider }) => model(name, since, provider)),
  ];
}

/** @throws ApiError 404 where nothing is called so */
export async function modelNamed(choice: Choice, id: string, since: number): Promise<Model> {
  const { task, teachers, student } = await matchTarget(choice, id, undefined);
  if (student) {
    const listed = (await choice.students()).find(({ name }) => name === id);
    return model(id, listed?.created ?? since, 'kolben');
  }
  return model(id, since, task ? 'kolben' : teachers[0].provider.name);
}

function model(id: string, created: number, owner: string): Model {
  return { id, object: 'model', created, owned_by: owner };
}
