import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { connect, Satchel } from '../satchel.js';
import * as module from '../satchel.js';

/** A browser without a network: requests are answered by the test, connections and timers are the test's to end. */
class Browser {
  sockets = [];
  sources = [];
  timers = [];
  requests = [];
  answers = [];
  random = 0.5;

  constructor(settings = {}) {
    const browser = this;
    class Connection {
      constructor(url) {
        this.url = new URL(url);
        (this instanceof Socket ? browser.sockets : browser.sources).push(this);
      }
      say(message) {
        this.onopen?.();
        this.onmessage?.({ data: JSON.stringify(message) });
      }
      close() {
        this.closed = true;
      }
    }
    class Socket extends Connection {}
    class Source extends Connection {}
    this.window = new EventTarget();
    this.page = connect({
      fetch: (input, init) => this.fetch(input, init),
      environment: {
        WebSocket: Socket,
        EventSource: Source,
        window: this.window,
        location: { href: 'https://app.example/notes' },
        setTimeout: (work, pause) => this.timers.push({ work, pause }),
        clearTimeout: (id) => id && (this.timers[id - 1].cleared = true),
        random: () => this.random,
        ...settings.environment,
      },
      ...settings.page,
    });
    this.newer = [];
    this.page.addEventListener('newer', (event) => this.newer.push(event.detail));
  }

  async fetch(input, init) {
    this.requests.push({ input, method: init.method ?? 'GET', headers: new Headers(init.headers) });
    const answer = await this.answers.shift();
    if (answer === undefined) throw new TypeError('fetch failed');
    return answer;
  }

  get socket() {
    return this.sockets.at(-1);
  }

  /** Pauses before connecting again, without the watch for silence. */
  pauses() {
    return this.timers.filter((timer) => !timer.cleared && timer.pause !== 70000);
  }

  event(version, more = {}) {
    this.socket.say({ database: 'database', version, kind: 'published', writer: 'node-1', ...more });
  }

  async get(version, status = 'synced') {
    this.answers.push(answer(version, status));
    return this.page.fetch('/notes');
  }

  async post(version, status = 'synced', code = 200) {
    this.answers.push(answer(version, status, code));
    return this.page.fetch('/notes', { method: 'POST', body: 'x' });
  }
}

function answer(version, status = 'synced', code = 200, shown = null) {
  const headers = { 'X-Sync-Status': status, 'X-Satchel-Version': String(version) };
  if (shown !== null) headers['X-Satchel-Shown'] = String(shown);
  return new Response('{}', { status: code, headers });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a request carries the newest version the page has heard of, and which page it is', async () => {
  const browser = new Browser();
  await browser.get(7);
  assert.equal(browser.requests[0].headers.get('X-Satchel-Version'), null);
  browser.event(9);
  await browser.get(9);
  assert.equal(browser.requests[1].headers.get('X-Satchel-Version'), '9');
  assert.match(browser.requests[1].headers.get('X-Satchel-Client'), /^[A-Za-z0-9-]{1,64}$/);
});

test('own writes are shown, saved, and no news', async () => {
  const browser = new Browser();
  await browser.get(1);
  const written = browser.post(2);
  assert.equal(browser.page.status.saving, true);
  browser.event(2); // which often arrives before the answer
  await written;
  assert.deepEqual({ ...browser.page.status }, {
    local: 2, durable: 2, remote: 2, writer: null, saving: false, pending: false, unsaved: false, conflict: null, newer: false,
    listening: true, offline: false, signedOut: false,
  });
  assert.deepEqual(browser.newer, []);
});

test('answers of two own writes may come in the wrong order', async () => {
  const browser = new Browser();
  await browser.get(1);
  const answers = [Promise.withResolvers?.() ?? defer(), Promise.withResolvers?.() ?? defer()];
  browser.answers.push(answers[0].promise, answers[1].promise);
  const first = browser.page.fetch('/notes', { method: 'POST' });
  const second = browser.page.fetch('/notes', { method: 'POST' });
  answers[1].resolve(answer(3));
  await second;
  answers[0].resolve(answer(2));
  await first;
  assert.equal(browser.page.status.newer, false);
  assert.equal(browser.page.status.local, 3);
});

test('what another page or device writes is told once it happens, and over when it is loaded', async () => {
  const browser = new Browser();
  await browser.get(1);
  browser.event(2, { writer: 'node-2', kind: 'applied' });
  assert.equal(browser.page.status.newer, true);
  assert.deepEqual(browser.newer, [{ version: 2, kind: 'applied', writer: 'node-2' }]);
  browser.answers.push(answer(2), answer(2));
  const loaded = await browser.page.load(async (fetch) => [await fetch('/a'), await fetch('/b')]);
  assert.equal(loaded.length, 2);
  assert.equal(browser.page.status.newer, false);
  assert.equal(browser.page.status.local, 2);
});

test('a gap before an own write is somebody else’s', async () => {
  const browser = new Browser();
  await browser.get(1);
  await browser.post(3);
  assert.equal(browser.page.status.newer, true);
  assert.equal(browser.page.status.conflict, null);
});

test('another page’s change is noticed though it shares the version of an own write', async () => {
  const browser = new Browser();
  await browser.get(1);
  await browser.post(2);
  browser.event(2);
  browser.event(2, { client: browser.requests[1].headers.get('X-Satchel-Client') });
  assert.equal(browser.page.status.newer, false);
  browser.event(2, { client: 'another-tab' });
  assert.equal(browser.page.status.newer, true);
});

test('a load is of one version', async () => {
  const browser = new Browser();
  browser.answers.push(answer(4), answer(5), answer(5), answer(5));
  await browser.page.load((fetch) => Promise.all([fetch('/a'), fetch('/b')]));
  assert.equal(browser.requests.length, 4);
  assert.equal(browser.page.status.local, 5);
});

test('an answer that shows a part of a version is loaded again', async () => {
  const browser = new Browser();
  browser.answers.push(answer(5, 'synced', 200, 4), answer(5));
  await browser.page.load((fetch) => fetch('/a'));
  assert.equal(browser.requests.length, 2);
  assert.equal(browser.page.status.local, 5);
  assert.equal(browser.page.status.newer, false);
});

test('a page that shows a part of a version is told of the rest', async () => {
  const browser = new Browser();
  browser.answers.push(answer(5, 'synced', 200, 4));
  await browser.page.fetch('/notes');
  assert.equal(browser.page.status.local, 4);
  assert.equal(browser.page.status.remote, 5);
  browser.event(5, { client: 'another-tab' });
  assert.equal(browser.newer.length, 1);
});

test('a conflict is the writer’s, not a reader’s', async () => {
  const reader = new Browser();
  await reader.get(1);
  reader.event(3, { kind: 'conflict' });
  assert.equal(reader.page.status.conflict, null);
  assert.equal(reader.page.status.newer, true);

  const writer = new Browser();
  await writer.get(1);
  await writer.post(3, 'conflict');
  assert.deepEqual({ ...writer.page.status.conflict }, { version: 3, saved: true });
  await writer.page.load(async (fetch) => {
    writer.answers.push(answer(3));
    await fetch('/notes');
  });
  assert.equal(writer.page.status.conflict, null);
  assert.equal(writer.page.status.newer, false);
});

test('a refused write can be made again', async () => {
  const browser = new Browser();
  await browser.get(1);
  await browser.post(2, 'conflict', 409);
  assert.deepEqual({ ...browser.page.status.conflict }, { version: 2, saved: false });
  assert.equal(browser.page.status.unsaved, true);
  browser.answers.push(answer(3));
  assert.equal((await browser.page.retry()).status, 200);
  assert.equal(browser.requests.at(-1).method, 'POST');
  assert.equal(browser.requests.at(-1).headers.get('X-Satchel-Version'), '2');
  assert.equal(browser.page.status.unsaved, false);
  assert.equal(browser.page.status.conflict, null);
  assert.equal(browser.page.status.newer, true, 'version 2 is not shown');
  assert.equal(await browser.page.retry(), undefined);
});

test('a write that the server could not save, or could not be told of, is unsaved', async () => {
  const browser = new Browser();
  await browser.get(1);
  await browser.post(1, 'failed', 503);
  assert.equal(browser.page.status.unsaved, true);
  browser.page.giveUp();
  assert.equal(browser.page.status.unsaved, false);
  await assert.rejects(browser.page.fetch('/notes', { method: 'PUT' }), TypeError);
  assert.equal(browser.page.status.unsaved, true);
  assert.equal(browser.page.status.offline, true);
  await browser.post(2);
  assert.equal(browser.page.status.offline, false);
});

test('what the server uploads later is pending until then', async () => {
  const browser = new Browser();
  await browser.get(1);
  await browser.post(1, 'pending');
  assert.equal(browser.page.status.pending, true);
  browser.event(2);
  assert.equal(browser.page.status.pending, false);
  assert.equal(browser.page.status.local, 2);
  assert.equal(browser.page.status.newer, false);
});

test('a lost connection is made again with full jitter, from the last version', async () => {
  const browser = new Browser();
  await browser.get(1);
  browser.event(2, { kind: 'applied' });
  browser.random = 0.25;
  browser.socket.onclose();
  assert.equal(browser.page.status.listening, false);
  assert.equal(browser.page.status.offline, false);
  assert.deepEqual(browser.pauses().map((timer) => timer.pause), [250]);
  browser.pauses()[0].work();
  assert.equal(browser.socket.url.href, 'wss://app.example/satchel/events?database=database&version=2');
});

test('pauses grow while nobody answers, and the other transport is tried', async () => {
  const browser = new Browser();
  browser.random = 1;
  const pauses = [];
  for (let i = 0; i < 8; i++) {
    (i % 2 === 0 ? browser.sockets : browser.sources).at(-1)[i % 2 === 0 ? 'onclose' : 'onerror']();
    await turn();
    const timer = browser.pauses().at(-1);
    pauses.push(timer.pause);
    timer.cleared = true;
    timer.work();
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  assert.equal(browser.page.status.offline, true);
  assert.equal(browser.requests[0].method, 'HEAD');
  browser.socket.say({ kind: 'heartbeat' });
  assert.equal(browser.page.status.offline, false);
  assert.equal(browser.page.status.listening, true);
});

test('whoever is signed out is not tried again and again', async () => {
  const browser = new Browser();
  browser.answers.push(new Response(null, { status: 401 }));
  browser.socket.onclose();
  await turn();
  assert.equal(browser.page.status.signedOut, true);
  assert.equal(browser.page.status.offline, false);
  assert.deepEqual(browser.pauses(), []);
  browser.page.start();
  assert.equal(browser.sockets.length, 2);
});

test('silence longer than any heartbeat ends a connection', () => {
  const browser = new Browser();
  browser.socket.say({ kind: 'heartbeat' });
  const watch = browser.timers.findLast((timer) => timer.pause === 70000 && !timer.cleared);
  watch.work();
  assert.equal(browser.sockets[0].closed, true);
  assert.equal(browser.pauses().length, 1);
});

test('being online again connects at once', () => {
  const browser = new Browser();
  browser.socket.onopen();
  browser.socket.onclose();
  browser.window.dispatchEvent(new Event('online'));
  assert.equal(browser.sockets.length, 2);
  assert.deepEqual(browser.pauses(), []);
});

test('a closed page connects no more', () => {
  const browser = new Browser();
  browser.page.close();
  browser.socket.onclose();
  browser.window.dispatchEvent(new Event('online'));
  assert.equal(browser.sockets.length, 1);
  assert.deepEqual(browser.pauses(), []);
});

test('another user begins with nothing', async () => {
  const browser = new Browser();
  await browser.get(5);
  browser.page.reset();
  assert.equal(browser.page.status.local, null);
  assert.equal(browser.socket.url.searchParams.get('version'), null);
  assert.equal(browser.sockets.length, 2);
});

test('subscribers hear of each change once, and of no more when they have left', async () => {
  const browser = new Browser();
  const heard = [];
  const leave = browser.page.subscribe((status) => heard.push(status.local));
  await browser.get(1);
  await browser.get(1);
  leave();
  await browser.post(2);
  assert.deepEqual(heard, [null, 1]);
});

test('types and module have the same members', async () => {
  const types = await readFile(new URL('../satchel.d.ts', import.meta.url), 'utf8');
  const exported = [...types.matchAll(/export (?:function|class) (\w+)/g)].map((match) => match[1]);
  assert.deepEqual(exported.sort(), Object.keys(module).sort());
  const body = types.slice(types.indexOf('export class Satchel'));
  const typed = new Set([...body.matchAll(/^ {2}(?:get )?(\w+)(?:<\w+>)?\(/gm)].map((match) => match[1]));
  typed.delete('addEventListener');
  assert.deepEqual([...typed].sort(), Object.getOwnPropertyNames(Satchel.prototype).sort());
  const status = types.slice(types.indexOf('interface SatchelStatus'), types.indexOf('}\n\n/** Somebody'));
  const fields = [...status.matchAll(/^ {2}readonly (\w+):/gm)].map((match) => match[1]);
  assert.deepEqual(fields.sort(), Object.keys(new Satchel({ url: 'https://a.example/', autoConnect: false }).status).sort());
});

test('nothing is kept in the browser', async () => {
  const source = await readFile(new URL('../satchel.js', import.meta.url), 'utf8');
  assert.doesNotMatch(source, /localStorage|sessionStorage|indexedDB|caches|document\.cookie/);
});

function defer() {
  const deferred = {};
  deferred.promise = new Promise((resolve) => (deferred.resolve = resolve));
  return deferred;
}
