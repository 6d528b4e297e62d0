// Reads as much of an encoded batch as the archive needs to know: docs/formats/archive-batch.md. Values are stepped over and
// never become JavaScript numbers or strings, so that the bytes that were stored are the bytes that come back.
import { sha256 } from './auth.js';
import { MAX_BATCH_BYTES, MAX_BATCH_ROWS, MAX_CELL_BYTES, Refusal } from './protocol.js';

const MAGIC = 'SATCHARC';
const VERSION = 1;
const DIGEST_BYTES = 32;
const CELLS = { NULL: 0, WHOLE: 1, REAL: 2, TEXT: 3, BLOB: 4 };

/**
 * What a batch says of itself, once every byte of it has been looked at.
 *
 * @param {Uint8Array} bytes
 * @returns {Promise<{id: string, database: string, rule: string, created: string, rows: number, bytes: number, digest: string}>}
 *     created: milliseconds, as a decimal string, since it has 64 bits
 */
export async function describe(bytes) {
  if (bytes.length > MAX_BATCH_BYTES) throw new Refusal('too_large', `a batch has at most ${MAX_BATCH_BYTES} bytes`);
  const content = bytes.length - DIGEST_BYTES;
  if (content < MAGIC.length || ascii(bytes, 0, MAGIC.length) !== MAGIC) throw bad('it does not begin like one');
  const digest = hex(bytes, content, bytes.length);
  if ((await sha256(bytes.subarray(0, content))) !== digest) throw bad('its digest does not fit its content');
  const reader = new Reader(bytes.subarray(0, content));
  try {
    return { ...read(reader), bytes: bytes.length, digest };
  } catch (e) {
    throw e instanceof RangeError ? bad(`at byte ${reader.position}: ${e.message}`) : e;
  }
}

function read(reader) {
  reader.position = MAGIC.length;
  const version = reader.uint16();
  if (version !== VERSION) {
    throw bad(`it is of format ${version}, and this Worker takes ${VERSION}: deploy the Worker that comes with the client`);
  }
  const id = reader.hex(16);
  const database = reader.string();
  const rule = reader.string();
  const created = String(reader.int64());
  const tables = reader.uint32();
  let rows = 0;
  for (let table = 0; table < tables; table++) rows += readTable(reader, rows);
  if (reader.left !== 0) throw new RangeError(`${reader.left} bytes are left`);
  return { id, database, rule, created, rows };
}

function readTable(reader, before) {
  reader.skip(reader.uint32());
  const columns = reader.uint32();
  for (let column = 0; column < columns; column++) {
    reader.skip(reader.uint32());
    reader.skip(reader.uint32());
  }
  const rows = reader.uint32();
  if (before + rows > MAX_BATCH_ROWS) throw new Refusal('too_large', `a batch has at most ${MAX_BATCH_ROWS} rows`);
  // A table without columns would let the loops below run for long without a byte being read.
  if (columns === 0 && rows > 0) throw new RangeError('rows without columns');
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) skipCell(reader);
  }
  return rows;
}

function skipCell(reader) {
  const kind = reader.uint8();
  if (kind === CELLS.NULL) return;
  if (kind === CELLS.WHOLE || kind === CELLS.REAL) {
    reader.skip(8);
  } else if (kind === CELLS.TEXT || kind === CELLS.BLOB) {
    const length = reader.uint32();
    if (length > MAX_CELL_BYTES && length <= reader.left) throw new Refusal('too_large', `a value has at most ${MAX_CELL_BYTES} bytes`);
    reader.skip(length);
  } else {
    throw new RangeError(`no kind of value: ${kind}`);
  }
}

/** Big-endian; a RangeError where the bytes end. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
  }

  get left() {
    return this.bytes.length - this.position;
  }

  skip(length) {
    if (length > this.left) throw new RangeError(`${length} bytes are announced and ${this.left} are there`);
    this.position += length;
    return this.position - length;
  }

  uint8() {
    return this.view.getUint8(this.skip(1));
  }

  uint16() {
    return this.view.getUint16(this.skip(2));
  }

  uint32() {
    return this.view.getUint32(this.skip(4));
  }

  int64() {
    return this.view.getBigInt64(this.skip(8));
  }

  hex(length) {
    const start = this.skip(length);
    return hex(this.bytes, start, start + length);
  }

  string() {
    const length = this.uint32();
    const start = this.skip(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes.subarray(start, start + length));
    } catch {
      throw new RangeError('a name is not UTF-8');
    }
  }
}

function ascii(bytes, from, to) {
  return String.fromCharCode(...bytes.subarray(from, to));
}

function hex(bytes, from, to) {
  return Array.from(bytes.subarray(from, to), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bad(what) {
  return new Refusal('bad_batch', `not an encoded batch: ${what}`);
}
