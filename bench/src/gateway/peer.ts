/**
 * The peer: @portkey-ai/gateway, installed in a folder of its own with its own lock file (decision 0251).
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KolbenError } from '@kolben/engine';
import { runForeign } from './processes.ts';

const folder = fileURLToPath(new URL('../../peers/gateway/', import.meta.url));
const installed = `${folder}node_modules/@portkey-ai/gateway/`;

/** Installs it where it is missing. @throws KolbenError (`bench_peer`) where that can't be done */
export async function installPeer(
  progress: (line: string) => void,
): Promise<{ name: string; version: string }> {
  const manifest = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const version = manifest.dependencies['@portkey-ai/gateway'];
  const present = existsSync(`${installed}package.json`)
    ? (JSON.parse(readFileSync(`${installed}package.json`, 'utf8')) as { version: string }).version
    : undefined;
  if (present !== version) {
    progress('installing the peer (npm ci, lifecycle scripts off)');
    const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0)
      throw new KolbenError(
        'bench_peer',
        `The peer could not be installed; the lines above say why. It is installed with \`npm ci --prefix ${folder}\`.`,
      );
  }
  return { name: '@portkey-ai/gateway', version };
}

/** Starts it; resolves when it takes connections. */
export async function startPeer() {
  const port = await freePort();
  const peer = runForeign('peer', `${installed}build/start-server.js`, [`--port=${port}`, '--headless']);
  for (let attempt = 0; !(await accepts(port)); attempt++) {
    if (attempt === 100) {
      await peer.end();
      throw new KolbenError('bench_peer', 'The peer did not begin to listen within ten seconds.');
    }
    await wait(100);
  }
  return { ...peer, origin: `http://127.0.0.1:${port}` };
}

/** What tells the peer where the teacher is: with it, each request names its upstream. */
export function peerHeaders(baseUrl: string): Record<string, string> {
  return {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': baseUrl,
    authorization: 'Bearer sk-upstream',
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
