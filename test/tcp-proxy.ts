/**
 * A wire between a program and its server that a test can cut at a moment of its choice.
 *
 * @module
 */
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Wire {
  port: number;
  /** Cuts every connection there is. */
  cut(): void;
  /** While true, new connections are cut at once. */
  isDown: boolean;
  /** Sees what the program sends before the server does; what it says is done with it. */
  watch: (sent: Buffer) => 'pass' | 'cut' | 'pass and cut';
}

export async function tcpProxy(host: string, port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (wire.isDown) {
      near.destroy();
      return;
    }
    const far = connect(port, host);
    keep(far);
    near.on('data', (sent) => {
      const verdict = wire.watch(sent);
      if (verdict === 'pass') {
        far.write(sent);
        return;
      }
      near.destroy();
      if (verdict === 'cut') far.destroy();
      // The server gets it and does it; its answer finds nobody.
      else far.end(sent);
    });
    far.on('data', (sent) => near.destroyed || near.write(sent));
    near.on('close', () => far.end());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const wire: Wire = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    isDown: false,
    watch: () => 'pass',
  };
  onTestFinished(() => {
    wire.cut();
    server.close();
  });
  return wire;
}
