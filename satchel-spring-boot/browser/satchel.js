// The page's side of Satchel: which version it shows, whether what it wrote is saved, and whether somebody else has written.
//
// One module, no dependencies. Remembers everything in memory, nothing in the browser's storage.

/** Response header: how the answer's database stands to the store. */
const SYNC_STATUS = 'X-Sync-Status';
/** Response header: the oldest version that has all that the answer shows. Request header: the bookmark. */
const VERSION = 'X-Satchel-Version';
/** Response header: the newest version of which the answer shows everything, if that is an older one. */
const SHOWN = 'X-Satchel-Shown';
/** Request header: which page writes, so that the user's other pages know that it was not they. */
const CLIENT = 'X-Satchel-Client';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30000;
/** No heartbeat for so long: the connection is dead, though nobody has said so. */
const SILENCE_MS = 70000;

/** Starts listening, and returns the database as the page sees it. Settings are in satchel.d.ts. */
export function connect(settings = {}) {
  return new Satchel(settings);
}

/** One database of the signed-in user, as one page sees it. */
export class Satchel extends EventTarget {
  #url;
  #database;
  #fetch;
  #environment;
  #client;

  /** The version that was loaded, and the one that the page shows: that and its own writes after it. */
  #loaded = null;
  #shown = null;
  /** Versions that this page wrote, but for the gap before them. */
  #own = new Set();
  #durable = null;
  #remote = null;
  #writer = null;
  #pending = false;
  #doubtful = false;
  #conflict = null;
  #offline = false;
  #listening = false;
  #signedOut = false;
  #newer = false;
  #failed = null;

  #writing = 0;
  /** What happened while a write was on its way, which may have been that write. */
  #held = [];
  #status = null;

  #closed = true;
  #connection = null;
  #transport;
  #opened = false;
  #attempts = 0;
  #timer = null;
  #silence = null;
  #wake = () => this.#reconnectNow();

  constructor({
    url = '/satchel/events',
    database = 'database',
    autoConnect = true,
    fetch = globalThis.fetch?.bind(globalThis),
    environment = {},
  } = {}) {
    super();
    this.#database = database;
    this.#fetch = fetch;
    this.#environment = {
      WebSocket: globalThis.WebSocket,
      EventSource: globalThis.EventSource,
      window: globalThis.window,
      location: globalThis.location,
      setTimeout: globalThis.setTimeout.bind(globalThis),
      clearTimeout: globalThis.clearTimeout.bind(globalThis),
      random: Math.random,
      ...environment,
    };
    this.#url = new URL(url, this.#environment.location?.href);
    this.#client = newClient(this.#environment.random);
    this.#transport = this.#environment.WebSocket ? 'websocket' : 'sse';
    this.#status = this.#snapshot();
    if (autoConnect) this.start();
  }

  /** The one status object; a new frozen one after each change. */
  get status() {
    return this.#status;
  }

  /**
   * Calls a listener after each change of the status; returns what ends that. The listener is called once at the beginning.
   */
  subscribe(listener) {
    const heard = () => listener(this.#status);
    this.addEventListener('change', heard);
    heard();
    return () => this.removeEventListener('change', heard);
  }

  /**
   * The browser's fetch with the page's bookmark, and with an eye on what the answer says. What cannot be reached is thrown as
   * fetch throws it. A write that failed can be made again with retry().
   */
  async fetch(input, init = {}) {
    const method = (init.method ?? input?.method ?? 'GET').toUpperCase();
    return READING.has(method) ? this.#read(input, init) : this.#write(input, init);
  }

  /** Makes the write again that failed last. Resolves with its answer, or with undefined if none has failed. */
  async retry() {
    const failed = this.#failed;
    if (failed === null) return undefined;
    this.#failed = null;
    return this.#write(failed.input, failed.init);
  }

  /** Forgets the write that failed, because nobody wants it any more. */
  giveUp() {
    this.#failed = null;
    this.#doubtful = false;
    this.#changed();
  }

  /**
   * Loads what the page shows, by a function that is given `fetch` and may call it several times, and again if somebody writes
   * meanwhile, so that all of it is of one version. After that the page is up to date: 'newer' and 'conflict' are over.
   */
  async load(work) {
    for (let attempt = 1; ; attempt++) {
      const versions = [];
      const shown = [];
      const result = await work(async (input, init = {}) => {
        const response = await this.#ask(input, init);
        const version = versionOf(response);
        if (version !== null && response.ok) {
          versions.push(version);
          shown.push(shownBy(response));
        }
        return response;
      });
      const oldest = Math.min(...shown);
      if (versions.length === 0 || attempt >= 4 || oldest === Math.max(...versions)) {
        if (versions.length > 0) this.#shows(oldest);
        this.#changed();
        return result;
      }
    }
  }

  /** Takes in an answer that was fetched in another way. `write` says whether it answered a change. */
  note(response, { write = false } = {}) {
    this.#answered(response, write);
    this.#changed();
  }

  /** Says that the page shows a version, for pages that load in another way. */
  shows(version) {
    this.#shows(version);
    this.#changed();
  }

  /** Forgets everything, for another user; goes on listening if it did. */
  reset() {
    this.#loaded = this.#shown = this.#durable = this.#remote = this.#writer = this.#conflict = this.#failed = null;
    this.#pending = this.#doubtful = this.#newer = this.#signedOut = false;
    this.#own.clear();
    this.#held = [];
    if (!this.#closed) {
      this.close();
      this.start();
    }
    this.#changed();
  }

  /** Listens; again is harmless. */
  start() {
    if (!this.#closed) return;
    this.#closed = false;
    this.#signedOut = false;
    this.#attempts = 0;
    this.#environment.window?.addEventListener('online', this.#wake);
    this.#open();
  }

  /** Stops listening. fetch still works. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#environment.window?.removeEventListener('online', this.#wake);
    this.#listening = false;
    this.#disconnect();
    this.#changed();
  }

  // What answers say

  async #read(input, init) {
    const response = await this.#ask(input, init);
    const version = versionOf(response);
    if (version !== null && response.ok) {
      if (this.#shown === null) this.#shows(shownBy(response));
      else this.#happened({ version, kind: 'current' });
    }
    this.#changed();
    return response;
  }

  async #ask(input, init) {
    let response;
    try {
      response = await this.#send(input, init);
    } catch (error) {
      this.#unreachable(error);
      throw error;
    }
    this.#answered(response, false);
    return response;
  }

  async #write(input, init) {
    const again = typeof Request !== 'undefined' && input instanceof Request ? input.clone() : input;
    this.#writing++;
    this.#changed();
    try {
      const response = await this.#send(input, init);
      this.#answered(response, true);
      // What the application refuses is refused for good. What the store or another node was in the way of may be sent again.
      this.#failed = response.status >= 500 || response.status === 409 ? { input: again, init } : null;
      return response;
    } catch (error) {
      if (error?.name !== 'AbortError') this.#failed = { input: again, init };
      this.#unreachable(error);
      throw error;
    } finally {
      this.#writing--;
      if (this.#writing === 0) this.#written();
      this.#changed();
    }
  }

  /** All writes have been answered: what is not explained by them was somebody else. */
  #written() {
    const held = this.#held;
    this.#held = [];
    for (const message of held) this.#happened(message);
    if (this.#own.size > 0) {
      this.#own.clear();
      this.#isNewer({ version: this.#remote, kind: 'current', writer: null });
    }
  }

  #send(input, init) {
    const headers = new Headers(init.headers ?? (typeof input === 'object' && 'headers' in input ? input.headers : undefined));
    headers.set(CLIENT, this.#client);
    if (this.#remote !== null) headers.set(VERSION, String(this.#remote));
    return this.#fetch(input, { ...init, headers });
  }

  #unreachable(error) {
    if (error?.name !== 'AbortError') this.#offline = true;
    this.#changed();
  }

  #answered(response, write) {
    this.#offline = false;
    const status = response.headers.get(SYNC_STATUS);
    const version = versionOf(response);
    if (status === null) return;
    this.#pending = status === 'pending';
    this.#doubtful = status === 'unknown' || (write && status === 'failed');
    if (version === null) return;
    this.#heardOf(version, null);
    if (status === 'synced' || status === 'conflict') this.#durable = most(this.#durable, version);
    if (!write) return;
    if (status === 'conflict') {
      this.#conflict = Object.freeze({ version, saved: response.ok });
      this.#newer = true;
    } else if (response.ok && this.#conflict?.saved === false) {
      this.#conflict = null;
    }
    if (response.ok) this.#wrote(version);
  }

  #wrote(version) {
    if (this.#shown === null) {
      this.#loaded = this.#shown = version;
    } else if (version > this.#shown) {
      this.#own.add(version);
      while (this.#own.delete(this.#shown + 1)) this.#shown++;
    }
  }

  #shows(version) {
    this.#loaded = version;
    this.#shown = most(this.#shown, version);
    this.#heardOf(version, null);
    for (const known of this.#own) if (known <= version) this.#own.delete(known);
    this.#newer = this.#remote > this.#shown;
    this.#conflict = null;
  }

  // What others do

  #message(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    this.#alive();
    this.#attempts = 0;
    this.#offline = false;
    this.#listening = true;
    if (typeof message.version === 'number' && message.client !== this.#client) {
      if (this.#writing > 0) this.#held.push(message);
      else this.#happened(message);
    }
    this.#changed();
  }

  #happened({ version, kind, writer = null, client = null }) {
    this.#heardOf(version, writer);
    if (this.#shown === null) return;
    if (kind !== 'current') this.#durable = most(this.#durable, version);
    if (kind === 'published' && client === null && this.#pending && version > this.#shown) {
      // The server has uploaded what it had answered as pending: this page's, as far as anybody knows.
      this.#pending = false;
      this.#wrote(version);
      if (this.#own.delete(version)) this.#isNewer({ version, kind, writer });
      return;
    }
    // Another page's change may share a version with one of this page's, but is in what was loaded.
    if (version > (client === null ? this.#shown : this.#loaded)) this.#isNewer({ version, kind, writer });
  }

  #isNewer(detail) {
    this.#newer = true;
    this.#changed();
    this.dispatchEvent(new CustomEvent('newer', { detail: Object.freeze(detail) }));
  }

  #heardOf(version, writer) {
    if (this.#remote === null || version > this.#remote) {
      this.#remote = version;
      this.#writer = writer;
    }
  }

  // The connection

  #open() {
    const { WebSocket, EventSource } = this.#environment;
    const url = new URL(this.#url);
    url.searchParams.set('database', this.#database);
    if (this.#remote !== null) url.searchParams.set('version', String(this.#remote));
    this.#opened = false;
    const opened = () => {
      this.#opened = true;
      this.#alive();
    };
    if (this.#transport === 'websocket') {
      url.protocol = url.protocol.replace('http', 'ws');
      const socket = new WebSocket(url.href);
      this.#connection = socket;
      socket.onopen = opened;
      socket.onmessage = (event) => socket === this.#connection && this.#message(event.data);
      socket.onclose = () => socket === this.#connection && this.#lost();
    } else if (EventSource) {
      const source = new EventSource(url.href);
      this.#connection = source;
      source.onopen = opened;
      source.onmessage = (event) => source === this.#connection && this.#message(event.data);
      // Its own way to connect again has no jitter.
      source.onerror = () => source === this.#connection && this.#lost();
    }
    this.#alive();
  }

  #disconnect() {
    const connection = this.#connection;
    this.#connection = null;
    this.#environment.clearTimeout(this.#silence);
    this.#environment.clearTimeout(this.#timer);
    connection?.close();
  }

  async #lost() {
    const opened = this.#opened;
    this.#disconnect();
    if (this.#closed) return;
    this.#listening = false;
    this.#changed();
    if (!opened) {
      const turn = { close() {} };
      this.#connection = turn;
      await this.#findOutWhy();
      if (this.#connection !== turn) return;
      // A proxy may let only one of the two through.
      if (this.#environment.EventSource && this.#environment.WebSocket) {
        this.#transport = this.#transport === 'websocket' ? 'sse' : 'websocket';
      }
    }
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#attempts++);
    this.#timer = this.#environment.setTimeout(() => this.#open(), this.#environment.random() * longest);
  }

  /** A browser does not say why a connection failed. Signed out is nothing to try again and again. */
  async #findOutWhy() {
    try {
      const response = await this.#fetch(this.#url.href, { method: 'HEAD', credentials: 'include' });
      this.#offline = false;
      if (response.status === 401 || response.status === 403) {
        this.close();
        this.#signedOut = true;
      }
    } catch {
      this.#offline = true;
    }
    this.#changed();
  }

  #reconnectNow() {
    if (this.#closed || this.#listening) return;
    this.#disconnect();
    this.#attempts = 0;
    this.#open();
  }

  #alive() {
    this.#environment.clearTimeout(this.#silence);
    this.#silence = this.#environment.setTimeout(() => this.#lost(), SILENCE_MS);
    this.#silence?.unref?.();
  }

  // The status

  #snapshot() {
    return Object.freeze({
      local: this.#shown,
      durable: this.#durable,
      remote: this.#remote,
      writer: this.#writer,
      saving: this.#writing > 0,
      pending: this.#pending,
      unsaved: this.#failed !== null || this.#doubtful,
      conflict: this.#conflict,
      newer: this.#newer,
      listening: this.#listening,
      offline: this.#offline,
      signedOut: this.#signedOut,
    });
  }

  #changed() {
    const now = this.#snapshot();
    const before = this.#status;
    if (Object.keys(now).every((key) => now[key] === before[key])) return;
    this.#status = now;
    this.dispatchEvent(new CustomEvent('change', { detail: now }));
  }
}

function versionOf(response) {
  return number(response, VERSION);
}

function shownBy(response) {
  return number(response, SHOWN) ?? versionOf(response);
}

function number(response, header) {
  const text = response.headers.get(header);
  return text === null || text === '' ? null : Number(text);
}

const most = (a, b) => (a === null || b > a ? b : a);

/** Only names a page among the same user's; needs no secrecy, and must work where there is no secure context. */
function newClient(random) {
  const part = () => Math.floor(random() * 2 ** 32).toString(36);
  return `${part()}-${part()}`;
}
