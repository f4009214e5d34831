/**
 * Checks what a request brings, by a zod schema; handlers take it from `c.req.valid(…)`.
 *
 * @module
 */
import { zValidator } from '@hono/zod-validator';
import { ApiError } from '@kolben/gateway';
import type { ValidationTargets } from 'hono';
import type { ZodType } from 'zod';

/** What a number, text or list must be at least, or at most. */
function boundsOf(issue: object | undefined): { bound?: number } {
  const { minimum, maximum } = (issue ?? {}) as { minimum?: unknown; maximum?: unknown };
  const bound = minimum ?? maximum;
  return typeof bound === 'number' ? { bound } : {};
}

/** @throws ApiError 400, in the handler's place, naming the first thing that is wrong */
export const input = <Schema extends ZodType, Target extends keyof ValidationTargets>(
  target: Target,
  schema: Schema,
) =>
  zValidator(target, schema, (result) => {
    if (result.success) return;
    const [issue] = result.error.issues;
    const path = issue?.path.map(String).join('.') ?? '';
    const message = `${path === '' ? 'The request' : `"${path}"`} can't be used: ${issue?.message ?? 'it is not valid'}.`;
    throw new ApiError(400, 'input_invalid', message, {
      type: 'invalid_request_error',
      param: path === '' ? null : path,
      values: { param: path, issue: issue?.code ?? 'custom', ...boundsOf(issue) },
    });
  });
