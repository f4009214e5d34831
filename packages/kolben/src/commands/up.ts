/**
 * `kolben up`: the gateway, with the console beside it.
 *
 * @module
 */
import { consolePages } from '@kolben/console';
import { startGateway, storeOptions } from '@kolben/gateway';
import { openStore } from '@kolben/store';
import { defineKolbenCommand } from '../cli/command.ts';
import { whole } from '../cli/options.ts';
import { findConfig, noConfig } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { Trainings } from '../runs/thread/trainings.ts';
import { watchActs } from '../watch/watch-acts.ts';

export const up = defineKolbenCommand({
  name: 'up',
  description: 'start the gateway; it is ready when it prints its address',
  examples: ['kolben up', 'kolben up --port 8080', 'kolben up --port 0 --json'],
  args: {
    port: {
      type: 'string',
      description: "instead of the configuration's; 0 lets the system choose",
      valueHint: 'port',
    },
    host: {
      type: 'string',
      description: "instead of the configuration's, which is 127.0.0.1 unless it says otherwise",
      valueHint: 'host',
    },
    config: {
      type: 'string',
      description: 'the configuration; by default kolben.config.ts in the working folder',
      valueHint: 'file',
    },
  },
  async run(args, context) {
    const port = args.port === undefined ? undefined : whole('--port', args.port, 0, 65_535);
    const file = findConfig(context.cwd, args.config);
    if (file === undefined) throw noConfig(context.cwd);
    const config = await loadConfig(file);
    const store = await openStore(storeOptions(config));
    let trainings: Trainings | undefined;
    try {
      const gateway = await startGateway({
        config,
        store,
        ...(args.host !== undefined && { host: args.host }),
        ...(port !== undefined && { port }),
        ...(config.console && {
          pages: (inside) => {
            trainings = new Trainings({ store, config, configFile: file, cwd: context.cwd, log: inside.log });
            return consolePages({ store, config, inside, trainings, watch: watchActs(store, config) });
          },
        }),
      });
      try {
        const tasks = Object.keys(config.tasks);
        const page = config.console ? `${gateway.url}/console/` : null;
        const ready = context.json
          ? JSON.stringify({ url: gateway.url, console: page, tasks })
          : `Kolben listens on ${gateway.url}${page === null ? '' : `\nConsole: ${page}`}`;
        await context.write(`${ready}\n`);
        const now = new Date();
        const active = (await store.keys.list()).some(
          ({ scope, revokedAt, expiresAt }) =>
            scope === 'use' && revokedAt === null && (expiresAt === null || expiresAt > now),
        );
        if (!active)
          context.note(
            "There is no key yet, so no call will be let in: 'kolben keys create --name <name>' makes one.",
          );
        if (!context.signal.aborted) {
          await new Promise((stopped) => context.signal.addEventListener('abort', stopped, { once: true }));
        }
      } finally {
        await trainings?.close();
        await gateway.close();
      }
    } finally {
      await store.close();
    }
    context.note('Stopped; every call that was answered is recorded.');
    return { json: null, text: '' };
  },
});
