import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { authenticate, authorization, keysOf, sha256, sign, textToSign } from '../src/auth.js';
import { ERRORS, Refusal, WINDOW_MS } from '../src/protocol.js';

const KEY = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const NOW = 1_764_000_000_000;
const URL_OF = (path) => new URL(`https://archive.example${path}`);
const PATH = '/v1/users/alice/databases/database/batches?limit=5';

const refused = (code) => (e) => e instanceof Refusal && e.code === code && e.status === ERRORS[code];

test('signs what any other HMAC implementation signs', async () => {
  const content = await sha256(new TextEncoder().encode('body'));
  const text = `Satchel-HMAC-SHA256\nPUT\n${PATH}\n${NOW}\n${content}`;

  assert.equal(textToSign('PUT', PATH, NOW, content), text);
  assert.equal(await sign(KEY, 'PUT', PATH, NOW, content), createHmac('sha256', KEY).update(text).digest('hex'));
});

test('knows a signed request, and what its body must be', async () => {
  const body = new TextEncoder().encode('body');
  const header = await authorization(KEY, 'PUT', PATH, NOW, body);

  assert.deepEqual(await authenticate([KEY], 'PUT', URL_OF(PATH), header, NOW), { time: NOW, content: await sha256(body) });
});

test('refuses a request that is not signed', async () => {
  for (const header of [null, '', `Bearer ${KEY}`, 'Satchel-HMAC-SHA256 time=1, content=2, signature=3']) {
    await assert.rejects(authenticate([KEY], 'GET', URL_OF(PATH), header, NOW), refused('unauthorized'));
  }
});

test('refuses a signature for another method, path, query, user, time, body or key', async () => {
  const header = await authorization(KEY, 'GET', PATH, NOW);
  const changed = [
    ['PUT', PATH, header, KEY],
    ['GET', PATH.replace('alice', 'bob'), header, KEY],
    ['GET', PATH.replace('5', '6'), header, KEY],
    ['GET', PATH, header.replace(`time=${NOW}`, `time=${NOW + 1}`), KEY],
    ['GET', PATH, header.replace(/content=./, 'content=0'), KEY],
    ['GET', PATH, header, OTHER],
  ];
  for (const [method, path, altered, key] of changed) {
    await assert.rejects(authenticate([key], method, URL_OF(path), altered, NOW), refused('unauthorized'));
  }
});

test('takes requests within the window, before and behind its own time', async () => {
  const header = await authorization(KEY, 'GET', PATH, NOW);

  for (const off of [-WINDOW_MS, WINDOW_MS]) await authenticate([KEY], 'GET', URL_OF(PATH), header, NOW + off);
  for (const off of [-WINDOW_MS - 1, WINDOW_MS + 1]) {
    await assert.rejects(authenticate([KEY], 'GET', URL_OF(PATH), header, NOW + off), refused('clock_skew'));
  }
});

test('tells how far the clocks are apart only to who has the key', async () => {
  const late = NOW + 2 * WINDOW_MS;
  await assert.rejects(authenticate([KEY], 'GET', URL_OF(PATH), await authorization(KEY, 'GET', PATH, NOW), late), (e) => {
    assert.match(e.message, /600 s ago/);
    assert.deepEqual(e.details, { now: late, time: NOW });
    return true;
  });
  await assert.rejects(authenticate([KEY], 'GET', URL_OF(PATH), await authorization(OTHER, 'GET', PATH, NOW), late), refused('unauthorized'));
});

test('accepts the key before as well while keys are being changed', async () => {
  const keys = keysOf({ ARCHIVE_KEY: KEY, ARCHIVE_KEY_PREVIOUS: OTHER });

  for (const key of [KEY, OTHER]) {
    await authenticate(keys, 'GET', URL_OF(PATH), await authorization(key, 'GET', PATH, NOW), NOW);
  }
});

test('does nothing without a key of decent length', () => {
  for (const env of [{}, { ARCHIVE_KEY: '' }, { ARCHIVE_KEY: 'short' }, { ARCHIVE_KEY: KEY, ARCHIVE_KEY_PREVIOUS: 'short' }, { ARCHIVE_KEY_PREVIOUS: OTHER }]) {
    assert.throws(() => keysOf(env), refused('not_configured'));
  }
  assert.deepEqual(keysOf({ ARCHIVE_KEY: KEY, ARCHIVE_KEY_PREVIOUS: '' }), [KEY]);
});
