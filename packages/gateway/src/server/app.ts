/**
 * The gateway's endpoints.
 *
 * The order of the guards matters: first the name it was called by, then the key, then a free place, and only then
 * is a body read. Whoever has no key can make the gateway do nothing, and learns nothing from it.
 *
 * Those that ask a model are served from Node's own request and response (`model-endpoints.ts`); the rest, which
 * nobody asks a thousand times a second, from here.
 *
 * @module
 */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { ApiError, errorResponse } from './api-error.ts';
import { asApiError } from './as-api-error.ts';
import { authenticate, wantedFor } from './authenticate.ts';
import { requireMeant } from './host-check.ts';
import { modelEndpoints } from './model-endpoints.ts';
import { listModels, modelNamed } from './models.ts';
import type { Services } from './services.ts';
import { standardHeaders } from './standard-headers.ts';

type Env = { Bindings: HttpBindings };

export function buildApp(services: Services): Hono<Env> {
  const { choice, keys, isMeant, log, telemetry } = services;
  const since = Math.floor(Date.now() / 1000);
  const app = new Hono<Env>();
  const { pages } = services;
  const isPage = (path: string) => pages !== undefined && /^\/console(\/|$)/.test(path);

  app.use(async (c, next) => {
    await next();
    // Pages have headers of their own; all others are those of an answer that no browser is to show.
    for (const [name, value] of Object.entries(standardHeaders))
      if (!isPage(c.req.path) || !c.res.headers.has(name)) c.header(name, value);
    if (services.isStopping()) c.header('connection', 'close');
  });
  app.use(async (c, next) => {
    requireMeant(isMeant, c.req.header('host'));
    await next();
  });
  if (pages) {
    // A person who types the address wants the page; a program is told what it always was.
    app.get('/', async (c, next) => {
      if (c.req.header('accept')?.includes('text/html')) return c.redirect('/console/');
      await next();
    });
    app.all('/console', (c) => c.redirect('/console/'));
    app.all('/console/*', (c) => pages.fetch(c.req.raw, c.env));
  }
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/metrics', async (c) => {
    await authenticate(c.req.header('authorization'), keys, 'admin');
    if (!telemetry.metrics) {
      const message = 'Metrics are off; set telemetry.metrics to true in the configuration.';
      throw new ApiError(404, 'metrics_off', message, { type: 'invalid_request_error' });
    }
    const { contentType, text } = await telemetry.metrics();
    return c.body(text, 200, { 'content-type': contentType });
  });
  app.use(async (c, next) => {
    await authenticate(c.req.header('authorization'), keys, wantedFor(c.req.path));
    await next();
  });
  app.get('/v1/models', async (c) => c.json({ object: 'list', data: await listModels(choice, since) }));
  app.get('/v1/models/:id{.+}', async (c) => c.json(await modelNamed(choice, c.req.param('id'), since)));
  app.get('/admin/status', async (c) => c.json(await services.status()));
  for (const path of ['/healthz', '/metrics', '/admin/status', '/v1/models', ...modelEndpoints.keys()]) {
    app.all(path, (c) => {
      const message = `${path} does not take the method ${c.req.method}.`;
      throw new ApiError(405, 'method_not_allowed', message, { type: 'invalid_request_error' });
    });
  }
  app.notFound(() => {
    const message =
      'There is no such endpoint: this gateway has /v1/chat/completions, /v1/embeddings, /v1/responses and /v1/models.';
    return errorResponse(new ApiError(404, 'unknown_url', message, { type: 'invalid_request_error' }));
  });
  app.onError((cause) => {
    const error = asApiError(cause, log);
    telemetry.refused(error.code);
    return errorResponse(error);
  });
  return app;
}
