/**
 * The texts in a JSON value: found, and exchanged for others.
 *
 * @module
 */
import { isObject, parseJson } from '../json.ts';
import type { TextExchange } from './text-exchange.ts';

/** Members whose texts are words of the protocol, not of people. */
const protocol = new Set([
  'role',
  'type',
  'model',
  'object',
  'id',
  'tool_call_id',
  'finish_reason',
  'system_fingerprint',
  'service_tier',
  'detail',
  'format',
  'created',
]);

/** JSON in a text in JSON in a text …: beyond it is only text. */
const deepest = 8;

/** Tells `found` of every text in a value; images and sounds are none. */
export function gatherTexts(
  value: unknown,
  found: (text: string, isName: boolean) => void,
  isName = false,
  depth = 0,
): void {
  if (typeof value === 'string') {
    if (isMedia(value)) return;
    const nested = depth < deepest ? jsonIn(value) : undefined;
    if (nested !== undefined) gatherTexts(nested, found, isName, depth + 1);
    else found(value, isName);
  } else if (typeof value === 'number') {
    if (mayBePersonal(value)) found(String(value), true);
  } else if (Array.isArray(value)) {
    for (const item of value) gatherTexts(item, found, isName, depth);
  } else if (isObject(value)) {
    for (const name in value) {
      found(name, true);
      gatherTexts(value[name], found, isName || protocol.has(name), depth);
    }
  }
}

/** The value with its texts as they were redacted; the very same value where none has changed. */
export function changeTexts(value: unknown, texts: TextExchange, isName = false, depth = 0): unknown {
  if (typeof value === 'string') {
    if (isMedia(value)) return value;
    const nested = depth < deepest ? jsonIn(value) : undefined;
    if (nested === undefined) return texts.of(value, isName);
    const changed = changeTexts(nested, texts, isName, depth + 1);
    return changed === nested ? value : JSON.stringify(changed);
  }
  if (typeof value === 'number') {
    if (!mayBePersonal(value)) return value;
    const text = String(value);
    const changed = texts.of(text, true);
    return changed === text ? value : changed;
  }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => changeTexts(item, texts, isName, depth));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (isObject(value)) {
    let changed = false;
    const members = new Map<string, unknown>();
    for (const [name, member] of Object.entries(value)) {
      const newName = unusedName(texts.of(name, true), members);
      const newMember = changeTexts(member, texts, isName || protocol.has(name), depth);
      changed ||= newName !== name || newMember !== member;
      members.set(newName, newMember);
    }
    return changed ? Object.fromEntries(members) : value;
  }
  return value;
}

/** Two mail addresses as names become two members. */
function unusedName(name: string, members: ReadonlyMap<string, unknown>): string {
  if (!members.has(name)) return name;
  for (let n = 2; ; n += 1) if (!members.has(`${name} ${n}`)) return `${name} ${n}`;
}

/** An object or a list that is written in a text; undefined for any other text. */
function jsonIn(text: string): unknown {
  const first = text.charCodeAt(0);
  // Nearly every text begins with something else than a space, a brace (0x7b) or a bracket (0x5b).
  if (first > 0x20 && first < 0x80 && first !== 0x7b && first !== 0x5b) return undefined;
  if (!/^\s*[[{]/.test(text)) return undefined;
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** Pictures, sounds and files in base64: as a data address, or bare. */
function isMedia(text: string): boolean {
  return (
    (text.startsWith('data:') && /^data:[^,]{0,200};base64,/.test(text)) ||
    (text.length > 1_024 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text))
  );
}

/** Numbers of cards and of persons have eleven digits or more. */
function mayBePersonal(value: number): boolean {
  return value >= 1e10 && Number.isSafeInteger(value);
}
