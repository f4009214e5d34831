/**
 * `POST /v1/embeddings`.
 *
 * @module
 */
import type { HttpBindings } from '@hono/node-server';
import { embeddingsProtocol } from '../upstream/protocols/embeddings.ts';
import { checkInput, passThrough } from './pass-through.ts';
import type { Services } from './services.ts';

export function embeddings(services: Services, bindings: HttpBindings, keyId: string): Promise<Response> {
  return passThrough(services, bindings, keyId, embeddingsProtocol, checkInput);
}
