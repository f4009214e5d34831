/**
 * A process of its own that freezes a dataset and prints one line of JSON: how long it took and how much memory the
 * whole process had at most. Arguments: `file` and its path, or `store` and its folder.
 *
 * @module
 */
import { freezeDataset, readExamples } from '@kolben/distill';
import { openStore } from '@kolben/store';

const [from, path = ''] = process.argv.slice(2);
const store = from === 'store' ? await openStore({ directory: path }) : undefined;
const start = performance.now();
const dataset = await freezeDataset(store ? store.calls.examples('queue') : readExamples(path), { seed: 0 });
const seconds = (performance.now() - start) / 1000;
await store?.close();
process.stdout.write(
  `${JSON.stringify({
    calls: dataset.counts.read,
    distinct: dataset.counts.n,
    nearDuplicates: dataset.counts.nearDuplicates,
    redacted: dataset.counts.redacted,
    digest: dataset.digest,
    seconds,
    // The system counts in kibibytes.
    peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
  })}\n`,
);
