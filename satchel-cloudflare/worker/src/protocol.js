// What the Java client (dev.satchel.cloudflare) and this Worker agree on. docs/durable-objects.md has the same tables.

export const PROTOCOL = 1;

/** An encoded batch, and so a request body. A Durable Object has 128 MB of memory, shared with its neighbours. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** One TEXT or BLOB. It may be longer than what SQLite takes in a Durable Object (2 MB), since batches are kept in chunks. */
export const MAX_CELL_BYTES = 4 * 1024 * 1024;

/** Rows of all tables of a batch. */
export const MAX_BATCH_ROWS = 1_000_000;

/** Entries of one page of a listing. */
export const MAX_PAGE = 1000;

/** Batches that one request removes. */
export const MAX_REMOVED = 1000;

/** How far apart the clocks may be, and how long a request may be under way. */
export const WINDOW_MS = 300_000;

/** A key has at least so many characters; `openssl rand -hex 32` makes 64. */
export const MIN_KEY_LENGTH = 32;

/** What an object of one user may take; Cloudflare's limit is 10 GB. The variable MAX_OBJECT_BYTES says less. */
export const MAX_OBJECT_BYTES = 9 * 1024 ** 3;

/** Every answer that is no success: the status and the code that clients branch on. */
export const ERRORS = {
  bad_request: 400,
  bad_batch: 400,
  unauthorized: 401,
  clock_skew: 401,
  no_such_path: 404,
  no_batch: 404,
  other_content: 409,
  superseded: 409,
  too_large: 413,
  internal: 500,
  not_configured: 500,
  newer_schema: 500,
  overloaded: 503,
  object_full: 507,
};

/** A refusal, on its way to becoming an answer. */
export class Refusal extends Error {
  /**
   * @param {keyof typeof ERRORS} code
   * @param {string} message what was found, and what to do
   * @param {object} details further members of the answer's `error`
   */
  constructor(code, message, details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get status() {
    return ERRORS[this.code];
  }

  response() {
    const headers = { 'cache-control': 'no-store' };
    if (this.code === 'overloaded') headers['retry-after'] = '1';
    return Response.json({ error: { code: this.code, message: this.message, ...this.details } }, { status: this.status, headers });
  }
}

// Names in a path are made of characters that nothing on the way rewrites: what a key of the object store
// writes as %xx is ~xx here, and so are @ and +.
const NAME = '([a-z0-9._~-]{1,600})';
const ROUTES = [
  ['user', new RegExp(`^/v1/users/${NAME}$`)],
  ['database', new RegExp(`^/v1/users/${NAME}/databases/${NAME}$`)],
  ['list', new RegExp(`^/v1/users/${NAME}/databases/${NAME}/batches$`)],
  ['removal', new RegExp(`^/v1/users/${NAME}/databases/${NAME}/batches/remove$`)],
  ['batch', new RegExp(`^/v1/users/${NAME}/databases/${NAME}/batches/([0-9a-f]{32})$`)],
  ['info', new RegExp(`^/v1/users/${NAME}/databases/${NAME}/batches/([0-9a-f]{32})/info$`)],
  ['health', /^\/v1\/health$/],
];
const OPERATIONS = {
  'GET health': 'health',
  'PUT batch': 'put',
  'GET batch': 'get',
  'GET info': 'info',
  'DELETE batch': 'remove',
  'POST removal': 'removeAll',
  'GET list': 'list',
  'DELETE database': 'erase',
  'DELETE user': 'erase',
};

/**
 * What a request asks for.
 *
 * @returns {{operation: string, user?: string, database?: string, batch?: string, after?: string, limit?: number}}
 */
export function route(method, url) {
  for (const [name, pattern] of ROUTES) {
    const match = pattern.exec(url.pathname);
    const operation = match && OPERATIONS[`${method} ${name}`];
    if (operation) {
      const [, user, database, batch] = match;
      const page = operation === 'list' ? pageOf(url) : {};
      return { operation, user, database, batch, ...page };
    }
  }
  throw new Refusal('no_such_path', `there is no ${method} ${url.pathname}; client and Worker may be of different versions`);
}

function pageOf(url) {
  const after = url.searchParams.get('after') ?? '';
  const limit = Number(url.searchParams.get('limit') ?? '100');
  if (!/^([0-9a-f]{32})?$/.test(after)) throw new Refusal('bad_request', 'after is no batch id');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) throw new Refusal('bad_request', `limit must be from 1 to ${MAX_PAGE}`);
  return { after, limit };
}

/** The ids in the body of a removal, each once. */
export function removalOf(body) {
  let ids;
  try {
    ids = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)).batches;
  } catch {
    ids = undefined;
  }
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string' && /^[0-9a-f]{32}$/.test(id))) {
    throw new Refusal('bad_request', 'the body is not {"batches": [ids]}');
  }
  if (ids.length > MAX_REMOVED) throw new Refusal('too_large', `a request removes at most ${MAX_REMOVED} batches`);
  return [...new Set(ids)];
}

/** The form that names have in a path, of the form that they have in a batch. */
export function pathName(encoded) {
  return encoded.replaceAll('%', '~').replaceAll('@', '~40').replaceAll('+', '~2b');
}
