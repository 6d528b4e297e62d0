// HMAC-SHA256 over everything that makes a request what it is. Nothing on the wire can be used for another one.
//
//   Authorization: Satchel-HMAC-SHA256 time=1764351234567, content=<sha256 of the body>, signature=<hex>
//
// The signature is of these lines, joined by \n: the name of the scheme, the method, the path with its query, the time in
// milliseconds, the SHA-256 of the body in lower-case hexadecimal digits.
import { MIN_KEY_LENGTH, Refusal, WINDOW_MS } from './protocol.js';

export const SCHEME = 'Satchel-HMAC-SHA256';
const HEADER = new RegExp(`^${SCHEME} time=([0-9]{1,15}), content=([0-9a-f]{64}), signature=([0-9a-f]{64})$`);
const encoder = new TextEncoder();

export function textToSign(method, pathAndQuery, time, content) {
  return `${SCHEME}\n${method}\n${pathAndQuery}\n${time}\n${content}`;
}

export async function sha256(bytes) {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

export async function sign(key, method, pathAndQuery, time, content) {
  const text = encoder.encode(textToSign(method, pathAndQuery, time, content));
  return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', await hmacKey(key), text)));
}

/** The header of a request, for tests and scripts. */
export async function authorization(key, method, pathAndQuery, time, body = new Uint8Array()) {
  const content = await sha256(body);
  return `${SCHEME} time=${time}, content=${content}, signature=${await sign(key, method, pathAndQuery, time, content)}`;
}

/** The keys that are accepted: during a rotation the one before, too. */
export function keysOf(env) {
  const keys = [env.ARCHIVE_KEY, env.ARCHIVE_KEY_PREVIOUS].filter((key) => key);
  if (!env.ARCHIVE_KEY || keys.some((key) => key.length < MIN_KEY_LENGTH)) {
    throw new Refusal('not_configured', `the secret ARCHIVE_KEY is missing or shorter than ${MIN_KEY_LENGTH} characters: openssl rand -hex 32 | npx wrangler secret put ARCHIVE_KEY`);
  }
  return keys;
}

/**
 * Checks a request before its body is read.
 *
 * @returns {Promise<{time: number, content: string}>} when it was signed, and the digest that its body must have
 */
export async function authenticate(keys, method, url, header, now) {
  const match = HEADER.exec(header ?? '');
  if (!match) throw new Refusal('unauthorized', `the request is not signed: Authorization does not begin with ${SCHEME}`);
  const [, time, content, signature] = match;
  const pathAndQuery = url.pathname + url.search;
  const text = encoder.encode(textToSign(method, pathAndQuery, time, content));
  let right = false;
  for (const key of keys) {
    // verify compares in constant time.
    right = (await crypto.subtle.verify('HMAC', await hmacKey(key), fromHex(signature), text)) || right;
  }
  if (!right) throw new Refusal('unauthorized', 'the signature is not right: the keys differ, or something on the way has rewritten the request');
  checkTime(Number(time), now);
  return { time: Number(time), content };
}

/** Only a few minutes around its time is a request worth anything. */
export function checkTime(time, now) {
  const behind = now - time;
  if (Math.abs(behind) > WINDOW_MS) {
    const seconds = Math.round(Math.abs(behind) / 1000);
    throw new Refusal(
      'clock_skew',
      `the request was signed ${seconds} s ${behind > 0 ? 'ago' : 'in the future'} and ${WINDOW_MS / 1000} s are allowed: set the clock of the machine that signed it`,
      { now, time },
    );
  }
}

function hmacKey(key) {
  return crypto.subtle.importKey('raw', encoder.encode(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}
