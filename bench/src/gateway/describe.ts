/**
 * The result of the gateway's bench for people.
 *
 * @module
 */
import type { Spread } from '../training/statistics.ts';
import type { GatewayResult, Scene, SideFigures } from './result.ts';

export function describeGateway(result: GatewayResult): string {
  const { peer, rounds, secondsPerTurn, bytes, scenes, students, memory, answered, recorded } = result;
  return [
    `${rounds} rounds, ${secondsPerTurn} s a turn, in turn: the upstream itself, Kolben (recording on), ${peer.name} ${peer.version}.`,
    `A request has ${bytes.request} bytes, its plain answer ${bytes.plain}, its streamed one ${bytes.streamed}. Medians, quartiles in brackets.`,
    '',
    ...scenes.flatMap(describeScene),
    ...(students ?? []).map(
      ({ connections, answersPerSecond, p50Ms, p99Ms }) =>
        `student, ${connections} connections: ${whole(answersPerSecond)} answers a second, p50 ${fine(p50Ms)} ms, p99 ${fine(p99Ms)} ms`,
    ),
    ...(memory
      ? [
          `memory over ${memory.calls} calls: ${memory.samplesMiB[0].toFixed(0)} MiB after the first part, ${memory.samplesMiB.at(-1)!.toFixed(0)} MiB after the last; ${memory.slopeMiB.toFixed(1)} MiB per 100,000 calls over the second half`,
        ]
      : []),
    `${answered} calls were answered by Kolben and ${recorded} are in its store.`,
  ].join('\n');
}

function describeScene({ streamed, connections, direct, kolben, peer, ratio }: Scene): string[] {
  return [
    `${streamed ? 'streamed' : 'plain'}, ${connections} ${connections === 1 ? 'connection' : 'connections'}: ${fine(ratio)} times the peer's requests a second`,
    `  upstream  ${whole(direct.requestsPerSecond)}/s, p50 ${fine(direct.p50Ms)} ms, p99 ${fine(direct.p99Ms)} ms`,
    `  Kolben    ${side(kolben)}`,
    `  peer      ${side(peer)}`,
    '',
  ];
}

function side(figures: SideFigures): string {
  const { requestsPerSecond, addedP50Ms, addedP99Ms, firstByteP50Ms, cpuMicroseconds, memoryMiB } = figures;
  return [
    `${whole(requestsPerSecond)}/s`,
    `added p50 ${fine(addedP50Ms)} ms, p99 ${fine(addedP99Ms)} ms`,
    `first byte p50 ${fine(firstByteP50Ms)} ms`,
    ...(cpuMicroseconds ? [`${whole(cpuMicroseconds)} µs of cores a call`] : []),
    ...(memoryMiB === null ? [] : [`${memoryMiB.toFixed(0)} MiB`]),
  ].join(', ');
}

function whole(spread: Spread): string {
  return shown(spread, 0);
}

function fine(spread: Spread): string {
  return shown(spread, 2);
}

function shown({ median, lowerQuartile, upperQuartile }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${lowerQuartile.toFixed(digits)}–${upperQuartile.toFixed(digits)})`;
}
