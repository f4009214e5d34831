/**
 * Reads the body of a request, a JSON object.
 *
 * The content type isn't looked at: whatever the client calls
 * it, it must be JSON.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { deepestJson, isObject, type JsonObject, parseJson } from '../json.ts';
import { Gone } from '../upstream/gone.ts';
import { ApiError } from './api-error.ts';

export interface ReadRequest {
  /** As the client wrote it. */
  text: string;
  request: JsonObject;
}

/**
 * @param limit the largest body, bytes
 * @throws ApiError 400, 413 or 415
 * @throws Gone when the client leaves before it has said everything
 */
export async function readRequest(incoming: IncomingMessage, limit: number): Promise<ReadRequest> {
  const encoding = incoming.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    const message = 'The request body is compressed, which this gateway does not read; send it as it is.';
    throw new ApiError(415, 'body_compressed', message, { type: 'invalid_request_error' });
  }
  const text = decode(await readBytes(incoming, limit));
  const request = parseJson(text);
  if (!isObject(request)) {
    const message = `The request body is no JSON object, or is nested deeper than ${deepestJson} levels.`;
    throw invalid('body_not_json', message);
  }
  return { text, request };
}

function readBytes(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const tooLarge = () => {
      const message = `The request body is larger than the ${limit} bytes that this gateway accepts.`;
      return new ApiError(413, 'body_too_large', message, { type: 'invalid_request_error' });
    };
    if (Number(incoming.headers['content-length'] ?? 0) > limit) {
      reject(tooLarge());
      return;
    }
    const onData = (piece: Buffer) => {
      size += piece.length;
      if (size <= limit) {
        pieces.push(piece);
        return;
      }
      // Read no further; the connection is drained or closed by the server once the answer is out.
      incoming.off('data', onData);
      incoming.pause();
      reject(tooLarge());
    };
    incoming.on('data', onData);
    incoming.on('end', () => resolve(Buffer.concat(pieces)));
    incoming.on('error', () => reject(new Gone()));
    incoming.on('close', () => {
      if (!incoming.readableEnded) reject(new Gone());
    });
  });
}

const byteOrderMark = '\uFEFF';

function decode(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw invalid('body_not_utf8', 'The request body is no valid UTF-8.');
  const text = bytes.toString('utf8');
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

function invalid(code: string, message: string): ApiError {
  return new ApiError(400, code, message, { type: 'invalid_request_error' });
}
