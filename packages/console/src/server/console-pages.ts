/**
 * The console as a gateway mounts it: the page, its files, and its API.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { ApiError, type Pages } from '@kolben/gateway';
import { Hono, type MiddlewareHandler } from 'hono';
import { consoleApi } from './api/index.ts';
import { asApiError, errorResponse } from './error-response.ts';
import { pageResponse } from './page.ts';
import type { ConsoleEnv, ConsoleServices } from './services.ts';
import { readStaticFiles, staticResponse } from './static-files.ts';

/** Where the page is built to, from here and from where this is built to. */
const built = fileURLToPath(new URL('../../dist/app/', import.meta.url));

/** The largest body that the page sends, bytes. */
const mostBytes = 4 * 1024 * 1024;

/** For `startGateway`'s option `pages`. */
export function consolePages(services: ConsoleServices): Pages {
  const files = readStaticFiles(built);
  const html = files.get('index.html')?.bytes.toString('utf8');
  const app = new Hono<ConsoleEnv>().basePath('/console');
  app.use('/api/*', boundedBody);
  app.route('/api', consoleApi(services));
  app.all('/api/*', () => {
    throw new ApiError(404, 'unknown_url', 'The console has no such endpoint.', {
      type: 'invalid_request_error',
    });
  });
  app.get('/assets/:name', (c) => {
    const file = files.get(`assets/${c.req.param('name')}`);
    if (file) return staticResponse(file, c.req.header('accept-encoding'));
    throw new ApiError(404, 'unknown_url', 'There is no such file.', { type: 'invalid_request_error' });
  });
  // The page knows its own addresses.
  app.get('*', () => {
    if (html !== undefined) return pageResponse(html);
    const message = 'The page of the console is not built; run `npm run build` in the clone.';
    throw new ApiError(503, 'console_not_built', message, { type: 'server_error' });
  });
  app.notFound(() =>
    errorResponse(
      new ApiError(405, 'method_not_allowed', 'The page does not take this method.', {
        type: 'invalid_request_error',
      }),
    ),
  );
  app.onError((cause) => errorResponse(asApiError(cause, services.inside.log)));
  return app;
}

/** Browsers say how long a body is before they send it; what doesn't say so isn't from the page. */
const boundedBody: MiddlewareHandler = async (c, next) => {
  const length = Number(c.req.header('content-length') ?? 0);
  if (c.req.header('transfer-encoding') === undefined && length <= mostBytes) {
    await next();
    return;
  }
  const message = `The request is larger than the ${mostBytes} bytes that the console takes, or does not say how large it is.`;
  throw new ApiError(413, 'body_too_large', message, { type: 'invalid_request_error' });
};
