// Makes encoded batches as docs/formats/archive-batch.md says, for tests.
import { createHash } from 'node:crypto';

export const ID = '019a1234567800112233445566778899';

/** A batch of one table with a row for each value; overrides of single fields make wrong ones. */
export function batch({ id = ID, database = 'alice/database', rule = 'projects', created = 1_764_000_000_123n, version = 1, cells = [whole(1n)], rest = [] } = {}) {
  const content = Buffer.concat([
    Buffer.from('SATCHARC'), uint16(version), Buffer.from(id, 'hex'), string(database), string(rule), int64(created), uint32(1),
    string('clip'), uint32(1), string('id'), string('INTEGER'), uint32(cells.length), ...cells, ...rest,
  ]);
  return signed(content);
}

export function signed(content) {
  return new Uint8Array(Buffer.concat([content, createHash('sha256').update(content).digest()]));
}

export const nothing = () => Buffer.of(0);
export const whole = (value) => Buffer.concat([Buffer.of(1), int64(value)]);
export const real = (value) => { const b = Buffer.alloc(9); b[0] = 2; b.writeDoubleBE(value, 1); return b; };
export const text = (bytes) => Buffer.concat([Buffer.of(3), block(Buffer.from(bytes))]);
export const blob = (bytes) => Buffer.concat([Buffer.of(4), block(Buffer.from(bytes))]);

export function uint32(value) {
  const b = Buffer.alloc(4);
  b.writeUInt32BE(value);
  return b;
}

function uint16(value) {
  const b = Buffer.alloc(2);
  b.writeUInt16BE(value);
  return b;
}

function int64(value) {
  const b = Buffer.alloc(8);
  b.writeBigInt64BE(value);
  return b;
}

function block(bytes) {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function string(value) {
  return block(Buffer.from(value));
}
