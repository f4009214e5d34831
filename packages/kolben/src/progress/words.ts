/**
 * Numbers as people read them: `2,101`, `98.9 %`, `1 min 12 s`, `$0.0412`.
 *
 * @module
 */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A count with thousands separators. */
export function count(n: number): string {
  return whole.format(n);
}

/** `count` with its noun: `1 mail`, `2 mails`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A share in [0, 1] as a percentage. Rounding never turns "not all" into 100 % or "some" into 0 %. */
export function percent(share: number, digits = 1): string {
  if (!Number.isFinite(share)) return '–';
  const rounded = (share * 100).toFixed(digits);
  const unit = 10 ** -digits;
  if (share < 1 && Number(rounded) >= 100) return `${(100 - unit).toFixed(digits)} %`;
  if (share > 0 && Number(rounded) === 0) return `${unit.toFixed(digits)} %`;
  return `${rounded} %`;
}

/** Seconds as `0.4 s`, `42 s`, `3 min 5 s`, `2 h 3 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  const minutes = Math.round(s / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Milliseconds as `0.82 ms`, `4.1 ms`, `412 ms`, `1.2 s`. */
export function milliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** US dollars, with as many places as small sums need. */
export function dollars(amount: number): string {
  const size = Math.abs(amount);
  const digits = size === 0 || size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
  return `$${amount.toFixed(digits)}`;
}

/** A price in US dollars as it is listed: `$0.25`, `$0.075`. */
export function price(amount: number): string {
  return `$${amount.toFixed(Math.max(2, Math.min(6, (String(amount).split('.')[1] ?? '').length)))}`;
}

/** A share that was chosen, not measured: `5 %`, `2.5 %`. */
export function plainPercent(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`;
}
