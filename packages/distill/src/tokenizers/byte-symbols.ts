/**
 * The characters that byte-level tokenizers write for bytes: a byte itself where it can be seen, else the next
 * character from U+0100 on (Radford et al., GPT-2, 2019).
 *
 * @module
 */

/** By byte, its character. */
export const byteSymbols: readonly string[] = (() => {
  let hidden = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const seen = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(seen ? byte : hidden++);
  });
})();

const bytesBySymbol = new Map(byteSymbols.map((symbol, byte) => [symbol, byte]));

/** The bytes that a token stands for; undefined if one of its characters stands for none. */
export function symbolBytes(token: string): Uint8Array | undefined {
  const bytes = Array.from(token, (symbol) => bytesBySymbol.get(symbol));
  return bytes.includes(undefined) ? undefined : Uint8Array.from(bytes as number[]);
}
