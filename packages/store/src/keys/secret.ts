/**
 * Secrets of API keys: how they are made, what of them is stored, how two are compared.
 *
 * @module
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

const shape = /^kb-[A-Za-z0-9_-]{43}$/;

/** `kb-` and 256 random bits in base64url. */
export function newSecret(): string {
  return `kb-${randomBytes(32).toString('base64url')}`;
}

/** False for what can't be a secret of ours; nothing needs to be looked up then. */
export function looksLikeSecret(text: string): boolean {
  return shape.test(text);
}

/**
 * SHA-256 in hexadecimal. Without salt and stretching, which protect what can be guessed: 256 random bits can't.
 */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Takes the same time wherever two hashes differ. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && timingSafeEqual(left, right);
}
