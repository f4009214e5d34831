/**
 * The open model that a student stands on, wherever it comes from.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { BaseError } from './base-error.ts';
import { baseDigest } from './base-files.ts';
import { type BaseLicence, readLicence } from './base-licence.ts';
import { type FetchBaseOptions, fetchBase, parseHubId } from './fetch-base.ts';

/** A base, as a student's lineage names it. */
export interface BaseLineage {
  /** `org/name` on the hub, or the name of a folder. */
  readonly id: string;
  /** The commit on the hub; null for a folder. */
  readonly revision: string | null;
  /** Of all files that were read: `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** What it says of its own licence; null where it says nothing. */
  readonly licence: BaseLicence | null;
}

/** A base in a folder of this machine. */
export interface Base {
  readonly folder: string;
  readonly lineage: BaseLineage;
}

/**
 * A folder, or else a model on the hub, which is fetched unless it is here already.
 *
 * @throws BaseError for what is neither, and as `fetchBase`
 */
export async function openBase(named: string, options: FetchBaseOptions = {}): Promise<Base> {
  const lineageOf = async (folder: string, id: string, revision: string | null): Promise<Base> => {
    const [digest, licence] = await Promise.all([baseDigest(folder), readLicence(folder)]);
    return { folder, lineage: { id, revision, digest, licence } };
  };
  if ((await checkBaseName(named)) === 'folder') {
    const folder = resolve(named);
    return lineageOf(folder, basename(folder), null);
  }
  const { folder, id, revision } = await fetchBase(named, options);
  return lineageOf(folder, id, revision);
}

/**
 * What a base is by its name alone, before anything is read or fetched.
 *
 * @throws BaseError (`base_id`) for what is neither a folder nor the id of a model
 */
export async function checkBaseName(named: string): Promise<'folder' | 'hub'> {
  const found = await stat(resolve(named)).catch(() => undefined);
  if (found?.isDirectory()) return 'folder';
  if (found || !parseHubId(named))
    throw new BaseError(
      'base_id',
      `${JSON.stringify(named)} is neither a folder nor the id of a model; give a folder, or an id such as org/name or org/name@revision.`,
    );
  return 'hub';
}
