/**
 * Cuts a stream of server-sent events into blocks, each an event with all its bytes as they came.
 *
 * A block ends with the blank line that makes a client act on the event, so nothing is held back longer than any
 * client would hold it back itself; a comment outside an event (`: keep-alive`) is a block of its own. What a block
 * says is not looked at here: that is eventsource-parser's work. The bytes are kept because they are passed on
 * untouched, and because a stream that breaks off in the middle of an event must not pass on half of it.
 *
 * @module
 */
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const colon = 0x3a;

export class SseBlocks {
  #parts: Uint8Array[] = [];
  #emptyLine = true;
  #onlyComments = true;
  #afterReturn = false;

  /** Takes the next bytes; gives the blocks that are complete with them. */
  push(bytes: Uint8Array): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    let start = 0;
    const cutAt = (end: number) => {
      const isBlockEnd = this.#emptyLine || this.#onlyComments;
      this.#emptyLine = true;
      if (!isBlockEnd) return;
      blocks.push(Buffer.concat([...this.#parts, bytes.subarray(start, end)]));
      this.#parts = [];
      this.#onlyComments = true;
      start = end;
    };
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (this.#afterReturn) {
        // A lone carriage return ends a line as well; only now is it known that no line feed follows it.
        this.#afterReturn = false;
        if (byte === lineFeed) {
          cutAt(at + 1);
          continue;
        }
        cutAt(at);
      }
      if (byte === lineFeed) cutAt(at + 1);
      else if (byte === carriageReturn) this.#afterReturn = true;
      else {
        if (this.#emptyLine && byte !== colon) this.#onlyComments = false;
        this.#emptyLine = false;
      }
    }
    if (start < bytes.length) this.#parts.push(bytes.subarray(start));
    return blocks;
  }

  /** What came after the last complete block. */
  rest(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
