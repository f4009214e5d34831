/**
 * The headers that every answer carries, whichever endpoint gave it: nothing of this gateway is for a browser to
 * show, to frame, to guess at or to keep. They are those of hono/secure-headers; strict-transport-security isn't
 * among them, for whether there is TLS in front is not for the gateway to promise.
 *
 * @module
 */

export const standardHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};
