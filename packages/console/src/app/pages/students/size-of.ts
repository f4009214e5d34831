/**
 * Bytes as people read them.
 *
 * @module
 */

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** In powers of a thousand, in three digits. @param plain how a number is written */
export function sizeOf(bytes: number, plain: (value: number) => string): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${plain(Number((bytes / 1000 ** power).toPrecision(3)))} ${units[power]}`;
}
