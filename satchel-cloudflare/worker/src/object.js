import { DurableObject } from 'cloudflare:workers';
import { checkTime } from './auth.js';
import { MAX_OBJECT_BYTES, Refusal, WINDOW_MS } from './protocol.js';

// A row of SQLite has at most 2 MB in a Durable Object.
const CHUNK_BYTES = 1024 * 1024;
// How many batches one request removes at most when much is erased: 256 MiB.
const ERASED_AT_ONCE = 32;
// After how many bytes of batches a request that removes several leaves the rest to the next.
const REMOVED_AT_ONCE_BYTES = 16 * 1024 * 1024;
const LISTED = 'SELECT id, rule, created, rows, bytes, digest FROM batch';

// A schema that was deployed never changes: a change is one more entry.
const SCHEMA = [
  `CREATE TABLE batch (
     number INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: a stream that began never reads another batch's chunks
     database TEXT NOT NULL,
     id TEXT NOT NULL,
     digest TEXT NOT NULL,
     rule TEXT NOT NULL,
     created TEXT NOT NULL,
     rows INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     signed INTEGER NOT NULL, -- when the request that stored it was signed
     UNIQUE (database, id)
   );
   CREATE TABLE chunk (
     batch INTEGER NOT NULL REFERENCES batch (number) ON DELETE CASCADE,
     number INTEGER NOT NULL,
     data BLOB NOT NULL,
     PRIMARY KEY (batch, number)
   );
   -- What was removed a short while ago, so that a request that was signed before that does not bring it back. An empty id
   -- stands for all batches of the database, an empty database for all of the user.
   CREATE TABLE removed (
     database TEXT NOT NULL,
     id TEXT NOT NULL,
     signed INTEGER NOT NULL,
     PRIMARY KEY (database, id)
   ) WITHOUT ROWID;`,
];

/**
 * The archive of one user. Batches are kept as the bytes that came, in chunks, with what the listing needs beside them.
 *
 * Methods are called by the Worker, which has checked who asks and what; `signed` is the time at which the request was signed.
 * A refusal is returned as `{refused: {code, message, details}}`, since errors lose their type on the way.
 */
export class UserArchive extends DurableObject {
  #ready = false;

  get #sql() {
    return this.ctx.storage.sql;
  }

  /** Stores a batch, all of it or nothing. */
  put(signed, database, info, body) {
    return this.#change(signed, () => {
      const there = this.#find(database, info.id);
      if (there) {
        if (there.digest !== info.digest) {
          throw new Refusal('other_content', `batch ${info.id} is there with other content, digest ${there.digest}`, { digest: there.digest });
        }
        this.#sql.exec('UPDATE batch SET signed = max(signed, ?) WHERE number = ?', signed, there.number);
        return { stored: false, digest: there.digest };
      }
      const removed = this.#one(
        `SELECT max(signed) AS signed FROM removed WHERE (database = ?1 AND id IN (?2, '')) OR (database = '' AND id = '')`,
        database,
        info.id,
      ).signed;
      if (removed !== null && removed >= signed) throw superseded('removed', removed - signed);
      this.#checkSpace(body.byteLength);
      const { number } = this.#one(
        `INSERT INTO batch (database, id, digest, rule, created, rows, bytes, signed) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
        database, info.id, info.digest, info.rule, info.created, info.rows, info.bytes, signed,
      );
      for (let n = 0; n * CHUNK_BYTES < body.byteLength; n++) {
        this.#sql.exec('INSERT INTO chunk VALUES (?, ?, ?)', number, n, body.slice(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES));
      }
      return { stored: true, digest: info.digest };
    });
  }

  /** The batch's bytes as a stream, a chunk at a time; the stream breaks if the batch is removed meanwhile. */
  get(database, id) {
    return this.#read(() => {
      const batch = this.#find(database, id);
      if (!batch) throw noBatch(id);
      const sql = this.#sql;
      let n = 0;
      const body = new ReadableStream({
        type: 'bytes',
        pull(controller) {
          if (n * CHUNK_BYTES >= batch.bytes) {
            controller.close();
            return;
          }
          const [chunk] = sql.exec('SELECT data FROM chunk WHERE batch = ? AND number = ?', batch.number, n++).toArray();
          if (!chunk) {
            controller.error(new Error(`batch ${id} was removed while it was read`));
            return;
          }
          controller.enqueue(new Uint8Array(chunk.data));
        },
      });
      return { bytes: batch.bytes, digest: batch.digest, body };
    });
  }

  /** A batch as a listing has it. */
  info(database, id) {
    return this.#read(() => {
      const [batch] = this.#sql.exec(`${LISTED} WHERE database = ? AND id = ?`, database, id).toArray();
      if (!batch) throw noBatch(id);
      return batch;
    });
  }

  /** The batches of a database behind an id, in the order of ids. */
  list(database, after, limit) {
    return this.#read(() => ({
      batches: this.#sql
        .exec(`${LISTED} WHERE database = ? AND id > ? ORDER BY id LIMIT ?`, database, after, limit)
        .toArray(),
    }), { batches: [] });
  }

  /** Removes one batch. */
  remove(signed, database, id) {
    return this.#change(signed, () => {
      const there = this.#find(database, id);
      if (there && there.signed > signed) throw superseded('stored', there.signed - signed);
      this.#removed(database, id, signed);
      if (there) this.#sql.exec('DELETE FROM batch WHERE number = ?', there.number);
      return { removed: there !== undefined };
    });
  }

  /** Removes batches, or those of them that are there; to be repeated until it is done. What it removes is removed together. */
  removeAll(signed, database, ids) {
    return this.#change(signed, () => {
      let removed = 0;
      let bytes = 0;
      for (const id of ids) {
        if (bytes >= REMOVED_AT_ONCE_BYTES) return { done: false, removed };
        const there = this.#find(database, id);
        if (there && there.signed > signed) throw superseded('stored', there.signed - signed);
        this.#removed(database, id, signed);
        if (there) {
          this.#sql.exec('DELETE FROM batch WHERE number = ?', there.number);
          removed++;
          bytes += there.bytes;
        }
      }
      return { done: true, removed };
    });
  }

  /** Removes a part of what a database or the whole user has; to be repeated until it is done. */
  erase(signed, database) {
    return this.#change(signed, () => {
      const of = database === undefined ? ['TRUE'] : ['database = ?', database];
      const newest = this.#one(`SELECT max(signed) AS signed FROM batch WHERE ${of[0]}`, ...of.slice(1)).signed;
      if (newest !== null && newest > signed) throw superseded('stored', newest - signed);
      this.#removed(database ?? '', '', signed);
      this.#sql.exec(
        `DELETE FROM batch WHERE number IN (SELECT number FROM batch WHERE ${of[0]} ORDER BY number LIMIT ${ERASED_AT_ONCE})`,
        ...of.slice(1),
      );
      return { done: this.#one(`SELECT NOT EXISTS (SELECT 1 FROM batch WHERE ${of[0]}) AS done`, ...of.slice(1)).done === 1 };
    });
  }

  /** Forgets removals that no request can undo any more, and the whole object once nothing is left in it. */
  async alarm() {
    if (!this.#schema(false)) return;
    this.#sql.exec('DELETE FROM removed WHERE signed < ?', Date.now() - WINDOW_MS);
    const last = this.#one('SELECT max(signed) AS signed FROM removed').signed;
    if (last !== null) {
      await this.ctx.storage.setAlarm(last + WINDOW_MS + 1000);
    } else if (this.#one('SELECT count(*) AS n FROM batch').n === 0) {
      this.#ready = false;
      await this.ctx.storage.deleteAll();
    }
  }

  #find(database, id) {
    return this.#sql.exec('SELECT number, digest, bytes, signed FROM batch WHERE database = ? AND id = ?', database, id).toArray()[0];
  }

  #removed(database, id, signed) {
    this.#sql.exec(
      `INSERT INTO removed VALUES (?, ?, ?) ON CONFLICT (database, id) DO UPDATE SET signed = max(signed, excluded.signed)`,
      database, id, signed,
    );
    // Without waiting: it becomes durable with what precedes it.
    this.ctx.storage.setAlarm(Math.max(signed, Date.now()) + WINDOW_MS + 1000);
  }

  #checkSpace(more) {
    const most = Number(this.env.MAX_OBJECT_BYTES ?? MAX_OBJECT_BYTES);
    const size = this.#sql.databaseSize;
    if (size + more > most) {
      throw new Refusal('object_full', `this user's archive has ${size} bytes, and ${more} more would be beyond ${most}`, { size, most });
    }
  }

  #one(query, ...values) {
    return this.#sql.exec(query, ...values).one();
  }

  #change(signed, work) {
    return refusable(() => {
      // Once more: it may have waited for its turn.
      checkTime(signed, Date.now());
      return this.ctx.storage.transactionSync(() => {
        this.#schema(true);
        return work();
      });
    });
  }

  /** Of an object that has nothing yet, nothing is made. */
  #read(work, otherwise) {
    return refusable(() => {
      if (this.#schema(false)) return work();
      if (otherwise) return otherwise;
      throw noBatch();
    });
  }

  /** Brings the schema up to date, or says that there is none. */
  #schema(create) {
    if (this.#ready) return true;
    const known = this.#one(`SELECT count(*) AS n FROM sqlite_schema WHERE name = 'satchel_schema'`).n === 1;
    if (!known && !create) return false;
    const before = this.ctx.storage.transactionSync(() => {
      this.#sql.exec('CREATE TABLE IF NOT EXISTS satchel_schema (version INTEGER NOT NULL)');
      const version = this.#one('SELECT coalesce(max(version), 0) AS version FROM satchel_schema').version;
      if (version > SCHEMA.length) {
        throw new Refusal('newer_schema', `the object has schema ${version}, and this Worker knows ${SCHEMA.length}: deploy the newer Worker again`);
      }
      for (let next = version; next < SCHEMA.length; next++) {
        this.#sql.exec(SCHEMA[next]);
        this.#sql.exec('INSERT INTO satchel_schema VALUES (?)', next + 1);
      }
      return version;
    });
    // What was made just now may still be rolled back with the caller's transaction; then it is made again.
    this.#ready = before === SCHEMA.length;
    return true;
  }
}

function noBatch(id) {
  return new Refusal('no_batch', id ? `there is no batch ${id}` : 'this user has no archive');
}

function superseded(what, newerBy) {
  return new Refusal(
    'superseded',
    `it was ${what} by a request that was signed ${newerBy} ms later: sign the request anew, or compare the clocks of the machines that sign`,
    { newerBy },
  );
}

function refusable(work) {
  try {
    return work();
  } catch (e) {
    if (e instanceof Refusal) return { refused: { code: e.code, message: e.message, details: e.details } };
    if (String(e?.message).includes('SQLITE_FULL')) return { refused: { code: 'object_full', message: e.message, details: {} } };
    throw e;
  }
}
