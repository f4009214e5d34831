/**
 * The page's frame: built once, with a nonce of its own for every time that it is loaded.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';

/** What stands in the built page where the nonce goes; vite.config.ts writes it. */
export const noncePlace = 'KOLBEN-NONCE';

/** Mantine makes style sheets as it goes, and marks them with the nonce; scripts come from files alone. */
export function policyFor(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** @param html the built page */
export function pageResponse(html: string): Response {
  const nonce = randomBytes(16).toString('base64url');
  return new Response(html.replaceAll(noncePlace, nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyFor(nonce),
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    },
  });
}
