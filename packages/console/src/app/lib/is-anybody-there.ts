/**
 * Whether somebody has touched the page within the last minute.
 *
 * @module
 */

const patienceMs = 60_000;
let touchedAt = performance.now();

for (const name of ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const)
  window.addEventListener(
    name,
    () => {
      touchedAt = performance.now();
    },
    { capture: true, passive: true },
  );

export function isAnybodyThere(): boolean {
  return performance.now() - touchedAt < patienceMs;
}
