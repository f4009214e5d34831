/**
 * The report of a training, drawn only when somebody wants one: what draws it is large, and commands start without it.
 *
 * @module
 */
import type { ReportData } from './data.ts';

/** The report as one HTML page that needs nothing else. */
export async function renderReport(data: ReportData): Promise<string> {
  return (await import('./render-report.tsx')).renderReport(data);
}
