/**
 * Encryption of what calls say, so that the database file alone tells nobody anything.
 *
 * AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits. Layout of a sealed text:
 *
 *     1 byte   version, 1
 *     8 bytes  id of the key
 *     12 bytes nonce
 *     n bytes  ciphertext
 *     16 bytes tag
 *
 * The first nine bytes, the column and the row's id are authenticated with it: a sealed text that was moved to
 * another row or column doesn't open. One key may seal 2^32 texts (the bound of SP 800-38D, section 8.3, for
 * random nonces), which is a thousand million calls. Keys are changed by `rotate-key.ts`; while that goes on, and until
 * all texts are sealed anew, those that came before are opened by the keys that came before.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { StoreCorruptError, StoreKeyError } from '../errors.ts';
import { randomFromPool } from '../random-pool.ts';

const version = 1;
const keyIdLength = 8;
const headerLength = 1 + keyIdLength;
const nonceLength = 12;
const tagLength = 16;

/** Where a text belongs: it opens nowhere else. */
export interface Place {
  /** `table.column` */
  column: string;
  /** Id of the row. */
  row: string;
}

/** What tells one key from another without giving anything of it away: 64 bits, in hexadecimal. */
export function sealKeyId(key: Uint8Array): string {
  return createHmac('sha256', key)
    .update('kolben seal key id')
    .digest('hex')
    .slice(0, 2 * keyIdLength);
}

/** How many bytes a text takes when it is sealed. */
export function sealedLength(text: string): number {
  return headerLength + nonceLength + Buffer.byteLength(text) + tagLength;
}

export class Seal {
  #keyId: string;
  #header: Buffer;
  /** By its id. */
  readonly #keys = new Map<string, KeyObject>();
  #key: KeyObject;

  /**
   * @param key what to seal with, 32 bytes
   * @param earlier what may have been sealed with before
   */
  constructor(key: Uint8Array | KeyObject, earlier: readonly Uint8Array[] = []) {
    for (const one of [key, ...earlier]) {
      const [bytes, object] = one instanceof Uint8Array ? [one, createSecretKey(one)] : [one.export(), one];
      this.#keys.set(sealKeyId(bytes), object);
    }
    this.#keyId = sealKeyId(key instanceof Uint8Array ? key : key.export());
    this.#key = this.#keys.get(this.#keyId)!;
    this.#header = headerOf(this.#keyId);
  }

  /** Of the key that seals. */
  get keyId(): string {
    return this.#keyId;
  }

  /** Seals with this key from now on; what was sealed before still opens. */
  changeTo(key: Uint8Array): void {
    this.#keyId = sealKeyId(key);
    this.#key = createSecretKey(key);
    this.#keys.set(this.#keyId, this.#key);
    this.#header = headerOf(this.#keyId);
  }

  /** Whether it was sealed with the key that seals now. */
  isCurrent(sealed: Uint8Array): boolean {
    return Buffer.from(sealed.buffer, sealed.byteOffset, headerLength).equals(this.#header);
  }

  /** What seals, for another thread. */
  get key(): KeyObject {
    return this.#key;
  }

  seal(text: string, place: Place): Buffer {
    const sealed = Buffer.allocUnsafeSlow(sealedLength(text));
    this.sealInto(sealed, 0, text, place);
    return sealed;
  }

  /** Seals into a piece of memory. @returns where it ends, `sealedLength(text)` further on */
  sealInto(target: Buffer, start: number, text: string, place: Place): number {
    const nonceAt = start + headerLength;
    target.set(this.#header, start);
    target.set(randomFromPool(nonceLength), nonceAt);
    const cipher = createCipheriv('aes-256-gcm', this.#key, target.subarray(nonceAt, nonceAt + nonceLength), {
      authTagLength: tagLength,
    });
    cipher.setAAD(associated(this.#header, place));
    const body = cipher.update(text, 'utf8');
    cipher.final(); // empty in GCM, but it makes the tag
    target.set(body, nonceAt + nonceLength);
    const tagAt = nonceAt + nonceLength + body.length;
    target.set(cipher.getAuthTag(), tagAt);
    return tagAt + tagLength;
  }

  /**
   * @throws StoreKeyError where another key sealed it
   * @throws StoreCorruptError where it was changed or belongs elsewhere
   */
  open(sealed: Uint8Array, place: Place): string {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.length < headerLength + nonceLength + tagLength || bytes[0] !== version) throw damaged(place);
    const header = bytes.subarray(0, headerLength);
    const keyId = header.toString('hex', 1);
    const key = this.#keys.get(keyId);
    if (key === undefined) {
      throw new StoreKeyError(
        `The text of ${place.row} was sealed with the key ${keyId}, but the store is open with the key ` +
          `${this.keyId}; open it with the key it was written with.`,
      );
    }
    const nonce = bytes.subarray(headerLength, headerLength + nonceLength);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
    decipher.setAAD(associated(header, place));
    decipher.setAuthTag(bytes.subarray(bytes.length - tagLength));
    const text = decipher.update(bytes.subarray(headerLength + nonceLength, bytes.length - tagLength));
    try {
      decipher.final();
    } catch {
      throw damaged(place);
    }
    return text.toString('utf8');
  }
}

function headerOf(keyId: string): Buffer {
  return Buffer.concat([Buffer.from([version]), Buffer.from(keyId, 'hex')]);
}

function associated(header: Uint8Array, place: Place): Buffer {
  return Buffer.concat([header, Buffer.from(`${place.column}\0${place.row}`, 'utf8')]);
}

function damaged(place: Place): StoreCorruptError {
  return new StoreCorruptError(
    `The text of ${place.row} (${place.column}) was changed outside Kolben or is damaged; put back a backup of the store.`,
  );
}
