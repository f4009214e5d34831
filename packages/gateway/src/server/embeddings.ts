/**
 * `POST /v1/embeddings`.
 *
 * @module
 */
import type { HttpBindings } from '@hono/node-server';
import type { Key } from '@kolben/store';
import { embeddingsProtocol } from '../upstream/protocols/embeddings.ts';
import { checkInput, passThrough } from './pass-through.ts';
import type { Services } from './services.ts';

export function embeddings(services: Services, bindings: HttpBindings, key: Key): Promise<Response> {
  return passThrough(services, bindings, key, embeddingsProtocol, checkInput);
}
