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
 * random nonces), which is a thousand million calls; the key id in each text is there for a change of keys.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { StoreCorruptError, StoreKeyError } from '../errors.ts';

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

export class Seal {
  readonly keyId: string;
  readonly #key: Uint8Array;
  readonly #header: Buffer;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#key = key;
    this.keyId = sealKeyId(key);
    this.#header = Buffer.concat([Buffer.from([version]), Buffer.from(this.keyId, 'hex')]);
  }

  seal(text: string, place: Place): Buffer {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength });
    cipher.setAAD(associated(this.#header, place));
    const body = cipher.update(text, 'utf8');
    cipher.final(); // empty in GCM, but it makes the tag
    return Buffer.concat([this.#header, nonce, body, cipher.getAuthTag()]);
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
    if (keyId !== this.keyId) {
      throw new StoreKeyError(
        `The text of ${place.row} was sealed with the key ${keyId}, but the store is open with the key ` +
          `${this.keyId}; open it with the key it was written with.`,
      );
    }
    const nonce = bytes.subarray(headerLength, headerLength + nonceLength);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength });
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

function associated(header: Uint8Array, place: Place): Buffer {
  return Buffer.concat([header, Buffer.from(`${place.column}\0${place.row}`, 'utf8')]);
}

function damaged(place: Place): StoreCorruptError {
  return new StoreCorruptError(
    `The text of ${place.row} (${place.column}) was changed outside Kolben or is damaged; put back a backup of the store.`,
  );
}
