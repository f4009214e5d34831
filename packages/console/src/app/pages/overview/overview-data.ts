/**
 * What the server tells of the whole installation.
 *
 * @module
 */
import { api, read } from '../../lib/api.ts';
import type { SpanName } from './span-select.tsx';

/** @param offset minutes that the reader's clock is behind UTC */
export const askOverview = (span: SpanName, offset: string) =>
  read(api.overview.$get({ query: { span, offset } }));

export type OverviewData = Awaited<ReturnType<typeof askOverview>>;
