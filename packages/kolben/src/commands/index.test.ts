import { expect, it } from 'vitest';
import { commands } from './index.ts';

it('lists every command under the name and description that it gives itself', async () => {
  for (const { name, description, load } of commands) {
    expect(await load()).toMatchObject({ name, description });
  }
});
