/**
 * What an open model says of its licence: the head of its model card, README.md, as Hugging Face's hub reads it.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface BaseLicence {
  /** An identifier of the hub, such as `apache-2.0`; for `other`, the name that stands beside. */
  readonly name: string;
  readonly link?: string;
}

/** The licence stated in a folder's README.md; null where none is. Read, not judged. */
export async function readLicence(folder: string): Promise<BaseLicence | null> {
  const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  const head = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? '';
  const field = (key: string) => {
    const stated = new RegExp(`^${key}:[ \\t]*(\\S.*?)[ \\t]*$`, 'm').exec(head)?.[1];
    return stated?.replace(/^(["'])(.*)\1$/, '$2').slice(0, 200);
  };
  const [licence, name, link] = ['license', 'license_name', 'license_link'].map(field);
  const called = licence === undefined || licence === 'other' ? (name ?? licence) : licence;
  if (called === undefined) return null;
  return { name: called, ...(link !== undefined && { link }) };
}
