import { expect, test } from 'vitest';
import { inLanes } from './in-lanes.ts';

test('answers in the order of the jobs, and no lane does two at once', async () => {
  const busy = new Set<string>();
  const jobs = Array.from({ length: 9 }, (_, i) => i);
  const results = await inLanes(['a', 'b', 'c'], jobs, async (lane, job) => {
    expect(busy.has(lane)).toBe(false);
    busy.add(lane);
    // Later jobs are done sooner.
    for (let turn = 0; turn < 2 * (jobs.length - job); turn++) await Promise.resolve();
    busy.delete(lane);
    return 10 * job;
  });
  expect(results).toEqual(jobs.map((job) => 10 * job));
});

test('a job that fails fails the whole', async () => {
  const work = async (_: string, job: number) => {
    if (job === 1) throw new Error('broken');
    return job;
  };
  await expect(inLanes(['a', 'b'], [0, 1, 2], work)).rejects.toThrow('broken');
});
