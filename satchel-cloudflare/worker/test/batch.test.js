import assert from 'node:assert/strict';
import test from 'node:test';
import { describe } from '../src/batch.js';
import { MAX_BATCH_BYTES, MAX_BATCH_ROWS, MAX_CELL_BYTES, Refusal } from '../src/protocol.js';
import { batch, blob, ID, nothing, real, signed, text, uint32, whole } from '../testing/encoded.js';

const refused = (code) => (e) => e instanceof Refusal && e.code === code;

test('reads what a batch says of itself', async () => {
  const bytes = batch({ database: 'a%c3%a9/notes', rule: 'old "clips" é', cells: [nothing(), whole(-(2n ** 63n)), real(-0.0), text('a\0é'), blob([0, 255])] });

  const info = await describe(bytes);

  assert.deepEqual({ ...info, digest: '' }, {
    id: ID, database: 'a%c3%a9/notes', rule: 'old "clips" é', created: '1764000000123', rows: 5, bytes: bytes.length, digest: '',
  });
  assert.equal(info.digest, Buffer.from(bytes.subarray(-32)).toString('hex'));
});

test('keeps all 64 bits of the time, and a byte order mark in a name', async () => {
  const info = await describe(batch({ created: 2n ** 63n - 1n, rule: '\ufeffrule' }));

  assert.equal(info.created, '9223372036854775807');
  assert.equal(info.rule, '\ufeffrule');
});

test('takes text that is no UTF-8', async () => {
  assert.equal((await describe(batch({ cells: [text(Buffer.of(0xff, 0xfe, 0))] }))).rows, 1);
});

test('refuses bytes that were changed, wherever', async () => {
  const bytes = batch({ cells: [whole(1n), text('abc')] });
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i] ^= 1;
    await assert.rejects(describe(changed), refused('bad_batch'), `byte ${i}`);
  }
});

test('refuses bytes that end early, wherever, even with the right digest', async () => {
  const bytes = batch({ cells: [whole(1n), text('abc')] });
  for (let length = 0; length < bytes.length - 32; length++) {
    await assert.rejects(describe(signed(Buffer.from(bytes.subarray(0, length)))), refused('bad_batch'), `${length} bytes`);
  }
});

test('refuses bytes behind the end, kinds that are none and formats to come', async () => {
  await assert.rejects(describe(batch({ rest: [Buffer.of(0)] })), refused('bad_batch'));
  await assert.rejects(describe(batch({ cells: [Buffer.of(5)] })), refused('bad_batch'));
  await assert.rejects(describe(batch({ version: 2 })), (e) => refused('bad_batch')(e) && /deploy the Worker/.test(e.message));
});

test('refuses rows without columns, however many they claim to be', async () => {
  const named = batch({ cells: [] });
  const content = Buffer.from(named.subarray(0, -32));
  const table = content.indexOf('clip') + 4;
  await assert.rejects(describe(signed(Buffer.concat([content.subarray(0, table), uint32(0), uint32(1_000_000)]))), refused('bad_batch'));
});

test('holds the limits: bytes, rows, and bytes of a value', async () => {
  await assert.rejects(describe(new Uint8Array(MAX_BATCH_BYTES + 1)), refused('too_large'));
  await assert.rejects(describe(batch({ cells: Array(MAX_BATCH_ROWS + 1).fill(nothing()) })), refused('too_large'));
  await assert.rejects(describe(batch({ cells: [blob(new Uint8Array(MAX_CELL_BYTES + 1))] })), refused('too_large'));
  assert.equal((await describe(batch({ cells: [blob(new Uint8Array(MAX_CELL_BYTES))] }))).rows, 1);
});
