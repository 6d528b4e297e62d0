// Talking to the server, and knowing how what is on the page stands to what is in the store.
//
// Satchel's own module sends and reads the headers, listens to what other pages and devices write, and keeps the one status of
// it all, in memory only. What is here is the page's: edits that wait to be sent, and words for people.

import { connect } from '/satchel/satchel.js';

/** What the server had against a request; status 0 if it could not be reached. */
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `The server answered with ${status}.`);
    this.status = status;
    this.errors = problem.errors ?? [];
  }

  /** What is wrong with one field, if anything. */
  fieldMessage(field) {
    return this.errors.find((error) => error.field === field)?.message;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status >= 500;
  }
}

const RETRY_AFTER_MS = [3000, 8000, 20000, 60000];
const EDIT_PAUSE_MS = 350;
const PENDING_CHECK_MS = 1000;

const satchel = connect({ autoConnect: false });
const listeners = new Set();
/** Edits that wait to be sent: address -> body. */
const edits = new Map();
/** Why the last write was not made, if it was not. */
let failure = null;
let unreachable = false;
let writing = 0;
let retries = 0;
let editTimer = 0;
let queue = Promise.resolve();

/** Calls `listener` whenever {@link state} may have changed. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Calls `listener` when another page or device has just written. */
export function onNewer(listener) {
  satchel.addEventListener('newer', (event) => event.detail.kind !== 'current' && listener());
}

satchel.addEventListener('change', changed);

function changed() {
  for (const listener of listeners) listener();
}

/** Forgets one user's versions and edits. */
export function reset() {
  clearTimeout(editTimer);
  edits.clear();
  unreachable = false;
  failure = null;
  satchel.close();
  satchel.reset();
  changed();
}

/** Hears from now on what the signed-in user's other pages and devices write. */
export const listen = () => satchel.start();

/** Whether it does. */
export const isListening = () => satchel.status.listening;

/** How the page stands to the store, as the status mark tells it. */
export function state() {
  const { local: version, remote, pending, unsaved, conflict, newer, offline } = satchel.status;
  if (failure !== null) {
    return { name: 'unsaved', text: 'Not saved', detail: failure, action: 'Try again' };
  }
  if (writing > 0 || edits.size > 0 || pending) {
    return { name: 'saving', text: 'Saving…', detail: 'On its way to the store.' };
  }
  if (unsaved) {
    return {
      name: 'unsaved',
      text: 'Not saved',
      detail: 'The store has not confirmed the last change yet.',
      action: 'Check again',
    };
  }
  if (conflict !== null) {
    return {
      name: 'newer',
      text: 'Conflict: newer version elsewhere',
      detail: `Another machine saved at the same time. Your change is version ${conflict.version}; what it replaced is kept.`,
      action: 'Load it',
      version: remote,
    };
  }
  if (newer) {
    return {
      name: 'newer',
      text: 'Newer version elsewhere',
      detail: `Version ${remote} has changes that were made somewhere else and are not shown here.`,
      action: 'Load it',
      version: remote,
    };
  }
  if (unreachable || offline) {
    return { name: 'offline', text: 'No connection', detail: 'Everything you did is saved.', action: 'Check again', version };
  }
  return {
    name: 'saved',
    text: 'Saved',
    detail: version ? `Version ${version} is in the store.` : 'Nothing has been made yet.',
    action: 'Check for newer',
    version,
  };
}

/** Whether something would be lost if the page went away now. */
export const hasUnsaved = () => edits.size > 0 || writing > 0;

async function request(method, path, body, options = {}, send = (...call) => satchel.fetch(...call)) {
  let response;
  let content = null;
  try {
    response = await send(path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      ...options,
    });
    if ((response.headers.get('Content-Type') ?? '').includes('json')) content = await response.json();
  } catch {
    throw new ApiError(0, { detail: 'The server cannot be reached.' });
  }
  unreachable = false;
  if (satchel.status.pending) setTimeout(look, PENDING_CHECK_MS);
  if (response.ok) return content;
  if (response.status === 401) window.dispatchEvent(new CustomEvent('signedout'));
  throw new ApiError(response.status, content ?? {});
}

/** Who is signed in, signing in, and out. */
export const session = {
  current: () => request('GET', '/api/session'),
  signIn: (user) => request('POST', '/api/session', { user }),
  signOut: () => request('DELETE', '/api/session'),
};

/**
 * Loads everything a view shows. If somebody writes between two of the answers it asks again, so that a view is of one
 * version. `news` says whether the page showed an older one before.
 */
export async function load(...paths) {
  const before = satchel.status;
  try {
    const contents = await satchel.load((fetch) => Promise.all(paths.map((path) => request('GET', path, undefined, {}, fetch))));
    return { contents, news: before.newer || (before.local !== null && satchel.status.local > before.local) };
  } catch (error) {
    unreachable = error.passing;
    changed();
    throw error;
  }
}

/** Reads what is no part of a view. */
export const read = (path) => request('GET', path);

/** Asks whether there is a newer version; changes nothing that is shown. */
export async function look() {
  if (writing > 0 || satchel.status.local === null) return;
  try {
    await request('GET', '/api/status');
  } catch (error) {
    unreachable = error.passing;
  }
  changed();
}

/** Sends one change now, after those before it. Throws an {@link ApiError} if it was not made. */
export function write(method, path, body, options) {
  const result = queue.then(() => send(method, path, body, options));
  queue = result.catch(() => {});
  return result;
}

async function send(method, path, body, options) {
  writing++;
  changed();
  try {
    const content = await request(method, path, body, options);
    failure = null;
    return content;
  } catch (error) {
    if (error.passing || error.status === 409) failure = error.message;
    throw error;
  } finally {
    writing--;
    changed();
  }
}

/** Saves an edit soon; edits of the same thing that follow quickly are sent as one. */
export function edit(path, body) {
  edits.set(path, { ...edits.get(path), ...body });
  clearTimeout(editTimer);
  editTimer = setTimeout(saveEdits, EDIT_PAUSE_MS);
  changed();
}

/** Sends the edits that wait. What cannot be saved now stays, and is tried again later. */
export async function saveEdits(options) {
  clearTimeout(editTimer);
  for (const [path, body] of [...edits]) {
    try {
      const saved = await write('PUT', path, body, options);
      if (edits.get(path) === body) edits.delete(path);
      retries = 0;
      window.dispatchEvent(new CustomEvent('edited', { detail: { path, saved } }));
    } catch (error) {
      if (error.status === 400 || error.status === 404) {
        edits.delete(path);
        window.dispatchEvent(new CustomEvent('editrefused', { detail: { path, error } }));
      } else {
        if (error.passing) {
          editTimer = setTimeout(saveEdits, RETRY_AFTER_MS[Math.min(retries++, RETRY_AFTER_MS.length - 1)]);
        }
        break;
      }
    }
  }
  changed();
}

/** What a person wants who was told that something is not saved: it is sent again, or the store is asked. */
export async function tryAgain() {
  failure = null;
  if (edits.size === 0) satchel.giveUp();
  await (edits.size > 0 ? saveEdits() : look());
  changed();
}

/** Forgets that a write failed, because nobody wants it any more. */
export function giveUp() {
  if (edits.size === 0) {
    failure = null;
    satchel.giveUp();
  }
  changed();
}
