/**
 * `POST /v1/embeddings`.
 *
 * @module
 */
import { embeddingsProtocol } from '../upstream/protocols/embeddings.ts';
import type { Answer } from './answer.ts';
import { checkInput, passThrough } from './pass-through.ts';
import type { Caller, Exchange, Services } from './services.ts';

export function embeddings(services: Services, exchange: Exchange, caller: Caller): Promise<Answer> {
  return passThrough(services, exchange, caller, embeddingsProtocol, checkInput);
}
