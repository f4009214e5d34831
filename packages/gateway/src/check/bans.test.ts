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
  const bans = bansOf(config).map(({ what, name, tasks, fallingBack }) => [what, name, tasks, fallingBack]);
  expect(bans).toEqual([
    ['provider', 'at', ['fenced'], []],
    ['provider', 'eu', [], ['backed']],
    ['provider', 'own', [], ['home']],
    ['provider', 'unknown', [], ['home']],
    ['provider', 'us', ['alone'], ['backed']],
    // Who says "EU" may be in Austria.
    ['jurisdiction', 'AT', ['fenced'], ['backed']],
    ['jurisdiction', 'EU', ['fenced'], ['backed']],
    ['jurisdiction', 'US', ['alone'], ['backed']],
  ]);
});
