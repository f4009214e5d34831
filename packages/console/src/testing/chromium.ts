/**
 * The system's Chromium, one for all tests of a process. Playwright ends it with the process.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

/** Is it missing where a run may do without it? Then what needs it is skipped. */
export const withoutChromium = executablePath === undefined && process.env.KOLBEN_TEST_REQUIRE !== '1';

let browser: Promise<Browser> | undefined;

export function theBrowser(): Promise<Browser> {
  if (executablePath === undefined)
    throw new Error('There is no Chromium; install it (apt-get install --no-install-recommends chromium).');
  browser ??= chromium.launch({
    executablePath,
    // As root, as in a container, Chromium has no sandbox; its pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  return browser;
}
