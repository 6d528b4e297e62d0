import assert from 'node:assert/strict';
import test from 'node:test';
import { ERRORS, MAX_REMOVED, pathName, Refusal, removalOf, route } from '../src/protocol.js';
import { ID } from '../testing/encoded.js';

const at = (method, path) => route(method, new URL(`https://archive.example${path}`));
const refused = (code) => (e) => e instanceof Refusal && e.code === code;

test('knows its operations', () => {
  const database = '/v1/users/alice/databases/database';
  assert.equal(at('GET', '/v1/health').operation, 'health');
  assert.deepEqual({ ...at('PUT', `${database}/batches/${ID}`) }, { operation: 'put', user: 'alice', database: 'database', batch: ID });
  assert.equal(at('GET', `${database}/batches/${ID}`).operation, 'get');
  assert.equal(at('GET', `${database}/batches/${ID}/info`).operation, 'info');
  assert.equal(at('DELETE', `${database}/batches/${ID}`).operation, 'remove');
  assert.deepEqual({ ...at('POST', `${database}/batches/remove`) }, { operation: 'removeAll', user: 'alice', database: 'database', batch: undefined });
  assert.equal(at('DELETE', database).operation, 'erase');
  assert.deepEqual({ ...at('DELETE', '/v1/users/alice') }, { operation: 'erase', user: 'alice', database: undefined, batch: undefined });
  const list = at('GET', `${database}/batches?after=${ID}&limit=7`);
  assert.deepEqual([list.operation, list.after, list.limit], ['list', ID, 7]);
  assert.deepEqual([at('GET', `${database}/batches`).after, at('GET', `${database}/batches`).limit], ['', 100]);
});

test('refuses every other path and method', () => {
  for (const [method, path] of [['POST', '/v1/health'], ['GET', '/'], ['GET', '/v1/users/alice'], ['PUT', '/v1/users/a/databases/b/batches/XY'],
    ['DELETE', '/v1/users//databases/b'], ['DELETE', '/v1/users/Alice'], ['DELETE', '/v1/users/a%2fb'], ['DELETE', '/v2/users/alice']]) {
    assert.throws(() => at(method, path), refused('no_such_path'), `${method} ${path}`);
  }
});

test('refuses pages that are none', () => {
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'limit=1.5', 'after=x']) {
    assert.throws(() => at('GET', `/v1/users/a/databases/b/batches?${query}`), refused('bad_request'), query);
  }
});

test('takes removals of ids, and of no more than it says', () => {
  const body = (value) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  const other = `${'0'.repeat(31)}1`;

  assert.deepEqual(removalOf(body({ batches: [ID, other, ID] })), [ID, other]);
  assert.deepEqual(removalOf(body({ batches: [] })), []);
  for (const wrong of ['', '[]', '{}', 'null', '{"batches":', { batches: 'x' }, { batches: [7] }, { batches: [ID.toUpperCase() + 'x'] }, { batches: [null] }]) {
    assert.throws(() => removalOf(body(wrong)), refused('bad_request'), JSON.stringify(wrong));
  }
  assert.throws(() => removalOf(new Uint8Array([0xff, 0xfe])), refused('bad_request'));
  assert.throws(() => removalOf(body({ batches: new Array(MAX_REMOVED + 1).fill(ID) })), refused('too_large'));
});

test('writes names so that nothing on the way rewrites them', () => {
  assert.equal(pathName('a%c3%a9@x+y.z/database'), 'a~c3~a9~40x~2by.z/database');
});

test('answers a refusal with its status, its code and what to do', async () => {
  const answer = new Refusal('superseded', 'why', { newerBy: 5 }).response();

  assert.equal(answer.status, ERRORS.superseded);
  assert.deepEqual(await answer.json(), { error: { code: 'superseded', message: 'why', newerBy: 5 } });
  assert.equal(new Refusal('overloaded', 'why').response().headers.get('retry-after'), '1');
});
