/** Does the jobs in order, each on whichever of `lanes` is free first. Answers in the order of the jobs. */
export async function inLanes<L, J, R>(
  lanes: readonly L[],
  jobs: readonly J[],
  work: (lane: L, job: J) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      while (next < jobs.length) {
        const job = next++;
        results[job] = await work(lane, jobs[job]);
      }
    }),
  );
  return results;
}
