/**
 * What an open model says of its licence: the head of its model card, README.md, as Hugging Face's hub reads it.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, YAMLError } from 'yaml';

export interface BaseLicence {
  /** An identifier of the hub, such as `apache-2.0`; for `other`, the name that stands beside; several with commas. */
  readonly name: string;
  readonly link?: string;
}

/** A name or an address is no longer; what is comes from a file of somebody else's and goes into the lineage. */
const longest = 200;

/** The licence stated in a folder's README.md; null where none is, or none that can be read. Read, not judged. */
export async function readLicence(folder: string): Promise<BaseLicence | null> {
  const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  const head = readHead(/^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? '');
  const field = (key: string) => {
    const stated = (Array.isArray(head[key]) ? head[key] : [head[key]]).filter(
      (each): each is string => typeof each === 'string' && each.trim() !== '',
    );
    return stated.length === 0 ? undefined : stated.join(', ').slice(0, longest);
  };
  const [licence, name, link] = ['license', 'license_name', 'license_link'].map(field);
  const called = licence === undefined || licence === 'other' ? (name ?? licence) : licence;
  if (called === undefined) return null;
  return { name: called, ...(link !== undefined && { link }) };
}

function readHead(text: string): Record<string, unknown> {
  try {
    const head: unknown = parse(text, { logLevel: 'silent' });
    return typeof head === 'object' && head !== null ? { ...head } : {};
  } catch (error) {
    if (error instanceof YAMLError) return {};
    throw error;
  }
}
