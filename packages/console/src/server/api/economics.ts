/**
 * What `kolben economics` computes, for a task and whatever figures the page was given instead of the known ones.
 *
 * @module
 */
import {
  figureKinds,
  givenFiguresSchema,
  hostings,
  loadDistributions,
  taskEconomics,
} from '@kolben/gateway/economics';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import { type ConsoleEnv, type ConsoleServices, nowOf } from '../services.ts';

/** A JSON object of figures, as a file of assumptions has it. */
const figuresText = z
  .string()
  .max(10_000)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'it is no JSON' });
      return z.NEVER;
    }
  })
  .pipe(givenFiguresSchema);

const question = z.object({
  task: z.string().min(1).max(200).optional(),
  hosting: z.enum(hostings).default('own'),
  /** Whose prices to reckon with, instead of the task's own. */
  teacher: z
    .string()
    .max(500)
    .regex(/^[^/]+\/.+$/)
    .optional(),
  figures: figuresText.optional(),
});

export function economicsApi(services: ConsoleServices) {
  const { store, config } = services;
  loadDistributions();
  const tasks = Object.keys(config.tasks);
  return new Hono<ConsoleEnv>().get('/', input('query', question), async (c) => {
    const { task = tasks[0] ?? null, hosting, teacher, figures = {} } = c.req.valid('query');
    const given = Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
    const answer = await taskEconomics({
      ...{ task, store, config, given, hosting, teacher },
      now: nowOf(services),
    });
    return c.json({ tasks, kinds: figureKinds, answer });
  });
}
