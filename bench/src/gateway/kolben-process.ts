/**
 * Kolben's gateway in a process of its own, as `kolben up` starts it: a real store, recording on, default limits.
 * Arguments: the store's folder, the upstream's base URL, and a student folder or nothing. Prints `{ url, secret }`,
 * then for each line that it gets, how many calls are recorded by then. Ends with its input, drained.
 *
 * @module
 */
import { createInterface } from 'node:readline';
import { startGateway } from '@kolben/gateway';
import { openStore } from '@kolben/store';
import { model } from './exchange.ts';

const [directory = '', baseUrl = '', student = ''] = process.argv.slice(2);
const store = await openStore({ directory });
const gateway = await startGateway({
  store,
  port: 0,
  environment: { UPSTREAM_KEY: 'sk-upstream' },
  config: {
    providers: {
      upstream: {
        baseUrl,
        apiKeyEnv: 'UPSTREAM_KEY',
        prices: { [model]: { inputPerMillion: 0.4, outputPerMillion: 1.6 } },
      },
    },
    tasks: {
      mail: { kind: 'classify', teacher: `upstream/${model}` },
      ...(student !== '' && {
        intents: { kind: 'classify', teacher: `upstream/${model}`, route: 'student', student },
      }),
    },
  },
});
const { secret } = await store.keys.create({ name: 'bench', scope: 'use' });
console.log(JSON.stringify({ url: gateway.url, secret }));

for await (const _ of createInterface({ input: process.stdin })) {
  await gateway.flush();
  console.log(await store.calls.count());
}
await gateway.close();
await store.close();
