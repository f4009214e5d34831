/**
 * Reads a ZIP archive whose entries are not compressed, by its central directory (APPNOTE.TXT 6.3.10, 4.3.12 and 4.3.7).
 *
 * @module
 */

export function storedZip(bytes: Buffer): Map<string, Buffer> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) throw new Error('No end of a central directory.');
  const files = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error(`No entry at ${at}.`);
    if (bytes.readUInt16LE(at + 10) !== 0) throw new Error('An entry is compressed.');
    const [size, name, extra, comment] = [
      bytes.readUInt32LE(at + 24),
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
    ];
    const local = bytes.readUInt32LE(at + 42);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    files.set(bytes.toString('utf8', at + 46, at + 46 + name), bytes.subarray(from, from + size));
    at += 46 + name + extra + comment;
  }
  return files;
}
