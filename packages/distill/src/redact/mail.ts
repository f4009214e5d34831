/**
 * Whether a run of characters around an `@` is a mail address.
 *
 * @module
 */

/** At most 64 characters before the `@`, and a domain of two parts or more whose last one is a word. */
export function isMail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (local.length === 0 || local.length > 64 || local.endsWith('.') || domain.length > 253) return false;
  const parts = domain.split('.');
  return (
    parts.length > 1 &&
    parts.every((part) => /^[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?$/u.test(part)) &&
    /^(?:\p{L}{2,}|xn--[a-z0-9-]+)$/iu.test(parts.at(-1)!)
  );
}
