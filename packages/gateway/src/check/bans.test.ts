import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import { bansOf } from './bans.ts';

const prices = { m: { inputPerMillion: 0, outputPerMillion: 0 } };
const at = (jurisdiction?: string) => ({ baseUrl: 'https://x.example/v1', jurisdiction, prices });
const config = parseConfig({
  providers: {
    us: at('US'),
    eu: at('EU'),
    at: at('AT'),
    unknown: at(),
    own: { folder: '/decoder', jurisdiction: 'US', prices },
    unused: at('CN'),
  },
  tasks: {
    alone: { kind: 'classify', teacher: 'us/m' },
    backed: { kind: 'classify', teacher: 'us/m', fallbacks: ['eu/m'] },
    // Its fallback stands outside of its fence, so it is none.
    fenced: { kind: 'classify', teacher: 'at/m', fallbacks: ['us/m'], jurisdictions: { only: ['EU'] } },
    home: { kind: 'classify', teacher: 'unknown/m', fallbacks: ['own/m'] },
  },
});

test('for each provider in use and each law: who is left without a teacher, and who falls back', () => {
  const bans = bansOf(config).map(({ what, name, tasks, fallingBack }) => [
    ...[what, name, tasks],
    fallingBack.map(({ task, provider, isFirst }) => [task, provider, isFirst]),
  ]);
  expect(bans).toEqual([
    ['provider', 'at', ['fenced'], []],
    ['provider', 'eu', [], [['backed', 'us', true]]],
    ['provider', 'own', [], [['home', 'unknown', true]]],
    ['provider', 'unknown', [], [['home', 'own', false]]],
    ['provider', 'us', ['alone'], [['backed', 'eu', false]]],
    // Who says "EU" may be in Austria.
    ['jurisdiction', 'AT', ['fenced'], [['backed', 'us', true]]],
    ['jurisdiction', 'EU', ['fenced'], [['backed', 'us', true]]],
    ['jurisdiction', 'US', ['alone'], [['backed', 'eu', false]]],
  ]);
  const [own] = bansOf(config).find(({ name }) => name === 'unknown')!.fallingBack;
  expect(own).toEqual({
    ...{ task: 'home', provider: 'own', model: 'm', jurisdiction: 'US', isInHouse: true, isFirst: false },
  });
});
