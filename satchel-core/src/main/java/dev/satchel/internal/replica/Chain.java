package dev.satchel.internal.replica;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseKeys;
import java.util.HexFormat;

/** What links a commit to the state before it. */
final class Chain {
    private Chain() {}

    /** A commit must follow its base by one version, name its checksum as parent, and have its page size. */
    static void requireNext(DatabaseId id, Baseline base, int pageSize, Commit commit) {
        if (commit.version() != base.version() + 1) {
            throw doesNotFollow(id, base, commit);
        }
        requireBase(id, base, pageSize, commit);
    }

    /** A commit must name the checksum of its base as parent, and have its page size. */
    static void requireBase(DatabaseId id, Baseline base, int pageSize, Commit commit) {
        if (commit.provenance().parentChecksum() != base.checksum()) {
            throw doesNotFollow(id, base, commit);
        }
        if (commit.pageSize() != pageSize) {
            throw new CorruptException(
                    CorruptException.Kind.COMMIT,
                    "database " + id + ": commit " + commit.version() + " has pages of " + commit.pageSize()
                            + " bytes, the database of " + pageSize,
                    null);
        }
    }

    private static CorruptException doesNotFollow(DatabaseId id, Baseline base, Commit commit) {
        return new CorruptException(
                CorruptException.Kind.COMMIT,
                "database " + id + ": commit " + commit.version() + " in object "
                        + new DatabaseKeys(id).commit(commit.version()) + " by "
                        + commit.provenance().writer()
                        + " does not follow version " + base.version() + ": it names parent checksum "
                        + hex(commit.provenance().parentChecksum()) + ", found " + hex(base.checksum()),
                null);
    }

    /** The pages must sum up to what the object names. */
    static void requireChecksum(DatabaseId id, CorruptException.Kind kind, String object, long found, long expected) {
        if (found != expected) {
            throw new CorruptException(
                    kind,
                    "database " + id + ": the pages after object " + object + " have checksum " + hex(found)
                            + ", expected " + hex(expected),
                    null);
        }
    }

    private static String hex(long checksum) {
        return HexFormat.of().toHexDigits(checksum);
    }
}
