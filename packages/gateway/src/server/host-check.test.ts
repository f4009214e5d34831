import { expect, test } from 'vitest';
import { isLoopback } from '../config/is-loopback.ts';
import { hostCheck } from './host-check.ts';

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.4', false],
  ['127.0.0.1.evil.example', false],
])('%s is loopback: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test('on loopback, loopback’s own names and the configured ones', () => {
  const isMeant = hostCheck('127.0.0.1', ['Kolben.Example', 'fd00::7']);
  for (const host of [
    'localhost',
    'LOCALHOST:4141',
    'localhost.',
    '127.0.0.1:1',
    '[::1]',
    '[::1]:80',
    'kolben.example:443',
    '[fd00::7]:1',
  ]) {
    expect([host, isMeant(host)]).toEqual([host, true]);
  }
  for (const host of [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.example:4141',
    'a@localhost',
    '127.0.0.2',
    'localhost:80:80',
  ]) {
    expect([host, isMeant(host)]).toEqual([host, false]);
  }
});

test('on the network, any name, unless names are configured', () => {
  expect(hostCheck('0.0.0.0', [])('anything')).toBe(true);
  const isMeant = hostCheck('10.0.0.7', ['kolben.example']);
  expect(isMeant('kolben.example')).toBe(true);
  expect(isMeant('10.0.0.7:4141')).toBe(true);
  expect(isMeant('evil.example')).toBe(false);
});
