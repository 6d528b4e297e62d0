// Talking to the server, and knowing how what is on the page stands to what is in the store.
//
// Every answer carries X-Sync-Status and X-Satchel-Version. The page remembers the newest version it has met, in memory
// only. An answer with a higher one that its own writes do not explain means that somebody else has written.

/** What the server had against a request; status 0 if it could not be reached. */
export class ApiError extends Error {
  constructor(status, problem, version = null) {
    super(problem.detail ?? problem.title ?? `The server answered with ${status}.`);
    this.status = status;
    this.errors = problem.errors ?? [];
    this.version = version;
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

const listeners = new Set();
/** Edits that wait to be sent: address -> body. */
const edits = new Map();
/** Newest version met; null before the first answer. */
let version = null;
/** Whether somebody else's changes are in it that the page does not show. */
let stale = false;
/** Whether the server says it will upload by itself, or does not know whether it has. */
let pending = false;
let doubtful = false;
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

function changed() {
  for (const listener of listeners) listener();
}

/** Forgets one user's versions and edits. */
export function reset() {
  clearTimeout(editTimer);
  edits.clear();
  version = null;
  stale = pending = doubtful = unreachable = false;
  failure = null;
  changed();
}

/** How the page stands to the store, as the status mark tells it. */
export function state() {
  if (failure !== null) {
    return { name: 'unsaved', text: 'Not saved', detail: failure, action: 'Try again' };
  }
  if (writing > 0 || edits.size > 0 || pending) {
    return { name: 'saving', text: 'Saving…', detail: 'On its way to the store.' };
  }
  if (doubtful) {
    return {
      name: 'unsaved',
      text: 'Not saved',
      detail: 'The store has not confirmed the last change yet.',
      action: 'Check again',
    };
  }
  if (stale) {
    return {
      name: 'newer',
      text: 'Newer version elsewhere',
      detail: `Version ${version} has changes that were made somewhere else and are not shown here.`,
      action: 'Load it',
      version,
    };
  }
  if (unreachable) {
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

async function request(method, path, body, options = {}) {
  let response;
  let content = null;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      ...options,
    });
    if ((response.headers.get('Content-Type') ?? '').includes('json')) content = await response.json();
  } catch {
    throw new ApiError(0, { detail: 'The server cannot be reached.' });
  }
  const header = response.headers.get('X-Satchel-Version');
  const answer = {
    content,
    version: header === null ? null : Number(header),
    status: response.headers.get('X-Sync-Status'),
  };
  if (response.ok) return answer;
  if (response.status === 401) window.dispatchEvent(new CustomEvent('signedout'));
  throw new ApiError(response.status, content ?? {}, answer.version);
}

/** Takes in what an answer says of the store. */
function note(answer) {
  unreachable = false;
  pending = answer.status === 'pending';
  doubtful = answer.status === 'failed' || answer.status === 'unknown';
  if (pending) setTimeout(look, PENDING_CHECK_MS);
}

/** Who is signed in, signing in, and out. */
export const session = {
  current: async () => (await request('GET', '/api/session')).content,
  signIn: async (user) => (await request('POST', '/api/session', { user })).content,
  signOut: () => request('DELETE', '/api/session'),
};

/**
 * Loads everything a view shows. If somebody writes between two of the answers it asks again, so that a view is of one
 * version. `news` says whether the page showed an older one before.
 */
export async function load(...paths) {
  let answers;
  for (let attempt = 0; attempt < 4; attempt++) {
    try {
      answers = await Promise.all(paths.map((path) => request('GET', path)));
    } catch (error) {
      unreachable = error.passing;
      changed();
      throw error;
    }
    if (new Set(answers.map((answer) => answer.version)).size === 1) break;
  }
  const newest = Math.max(...answers.map((answer) => answer.version ?? 0));
  const news = stale || (version !== null && newest > version);
  version = newest;
  stale = false;
  note(answers[0]);
  changed();
  return { contents: answers.map((answer) => answer.content), news };
}

/** Asks whether there is a newer version; changes nothing that is shown. */
export async function look() {
  if (writing > 0 || version === null) return;
  try {
    const answer = await request('GET', '/api/status');
    if (writing > 0) return;
    note(answer);
    if (answer.version > version) {
      version = answer.version;
      stale = true;
    }
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
    const answer = await request(method, path, body, options);
    note(answer);
    failure = null;
    if (answer.version !== null) {
      // One version more is this change; more than one is somebody else's too, and so is one that was replaced.
      if ((version !== null && answer.version > version + 1) || answer.status === 'conflict') stale = true;
      version = Math.max(answer.version, version ?? 0);
    }
    return answer.content;
  } catch (error) {
    if (error.passing || error.status === 409) failure = error.message;
    if (error.status === 409) {
      stale = true;
      version = Math.max(error.version ?? 0, version ?? 0);
    }
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
  await (edits.size > 0 ? saveEdits() : look());
  changed();
}

/** Forgets that a write failed, because nobody wants it any more. */
export function giveUp() {
  if (edits.size === 0) failure = null;
  changed();
}
