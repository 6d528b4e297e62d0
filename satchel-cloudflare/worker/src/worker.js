// The archive of all users: checks who asks and what, and passes it to the user's Durable Object.
import { authenticate, keysOf, sha256 } from './auth.js';
import { describe } from './batch.js';
import { UserArchive } from './object.js';
import { MAX_BATCH_BYTES, MAX_BATCH_ROWS, MAX_CELL_BYTES, MAX_REMOVED, pathName, PROTOCOL, Refusal, removalOf, route } from './protocol.js';

export { UserArchive };

export default {
  async fetch(request, env) {
    try {
      return await answer(request, env);
    } catch (e) {
      await drain(request);
      return refusalOf(e).response();
    }
  },
};

async function answer(request, env) {
  const url = new URL(request.url);
  const keys = keysOf(env);
  const { time, content } = await authenticate(keys, request.method, url, request.headers.get('authorization'), Date.now());
  const asked = route(request.method, url);
  const body = await bodyOf(request);
  if ((await sha256(body)) !== content) throw new Refusal('bad_request', 'the body is not the one that was signed');
  if (asked.operation === 'health') return json(health());
  return json(await perform(asked, time, body, env.ARCHIVE.getByName(asked.user)));
}

function health() {
  return {
    service: 'satchel-archive',
    protocol: PROTOCOL,
    now: Date.now(),
    limits: { batchBytes: MAX_BATCH_BYTES, cellBytes: MAX_CELL_BYTES, batchRows: MAX_BATCH_ROWS, removed: MAX_REMOVED },
  };
}

async function perform(asked, time, body, object) {
  switch (asked.operation) {
    case 'put': {
      const info = await describe(body);
      if (info.id !== asked.batch || pathName(info.database) !== `${asked.user}/${asked.database}`) {
        throw new Refusal('bad_batch', 'the batch is of another id or database than the path says');
      }
      return object.put(time, asked.database, info, body.buffer);
    }
    case 'get':
      return object.get(asked.database, asked.batch);
    case 'info':
      return object.info(asked.database, asked.batch);
    case 'list':
      return object.list(asked.database, asked.after, asked.limit);
    case 'remove':
      return object.remove(time, asked.database, asked.batch);
    case 'removeAll':
      return object.removeAll(time, asked.database, removalOf(body));
    case 'erase':
      return object.erase(time, asked.database);
  }
}

/** At most what a batch may have; a longer body is not read to its end. */
async function bodyOf(request) {
  const tooLarge = () => new Refusal('too_large', `a request has at most ${MAX_BATCH_BYTES} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BATCH_BYTES) throw tooLarge();
  const parts = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.length;
    if (length > MAX_BATCH_BYTES) throw tooLarge();
    parts.push(part);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

/** So that whoever is still sending hears why it was refused, and not only that the connection broke. */
async function drain(request) {
  if (!request.body || request.bodyUsed) return;
  let length = 0;
  for await (const part of request.body) {
    length += part.length;
    if (length > 2 * MAX_BATCH_BYTES) return;
  }
}

function json(result) {
  const { refused, body } = result;
  if (refused) throw new Refusal(refused.code, refused.message, refused.details);
  const headers = { 'cache-control': 'no-store' };
  if (body) return new Response(body, { headers: { ...headers, 'content-type': 'application/octet-stream', 'satchel-digest': result.digest } });
  return Response.json(result, { headers });
}

function refusalOf(e) {
  if (e instanceof Refusal) return e;
  // What Cloudflare says of an object that has too much to do, or was moved or restarted: it can be asked again.
  if (e?.overloaded || e?.retryable) return new Refusal('overloaded', `the object could not be asked: ${e.message}`);
  console.error(e?.stack ?? e);
  return new Refusal('internal', `the Worker failed: ${e?.message ?? e}`);
}
