package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.Version;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of the rules version-metadata, version-compare-on-start and version-increment-on-write do what the pages say. */
class VersionRulesTest extends Examples {
    private final InMemoryObjectStore bucket = new InMemoryObjectStore();

    @Test
    void objectsSayWhichVersionTheyHold() throws SQLException {
        try (Satchel satchel = Satchel.builder(bucket, newFolder()).build()) {
            execute(satchel, "create table clip (name)");
            execute(satchel, "insert into clip values ('opening')");
        } // closing writes the image

        assertThat(versionOfImage(bucket)).isEqualTo(Version.of(2));
        assertThat(guessedVersion(bucket)).isNotEqualTo(2);
    }

    private static long guessedVersion(ObjectStore store) {
        // snippet: version-metadata-wrong
        ObjectInfo image = store.head("alice/database.sqlite").orElseThrow();
        return image.lastModified().toEpochMilli(); // clocks differ, and copying the bucket changes it
        // end
    }

    private static Version versionOfImage(ObjectStore store) {
        // snippet: version-metadata-right
        ObjectInfo image = store.head("alice/database.sqlite").orElseThrow();
        return Version.parse(image.metadata().get("db-version"));
        // end
    }

    @Test
    void sessionsCompareTheLocalCopyUnlessToldNotTo() throws SQLException {
        Satchel here = node(bucket);
        Satchel elsewhere = node(bucket);
        execute(here, "create table clip (name)");
        execute(elsewhere, "insert into clip values ('opening')");

        assertThat(stale(here)).isEmpty();
        assertThat(fresh(here)).containsExactly("opening");

        execute(elsewhere, "insert into clip values ('ending')");
        Version bookmark = elsewhere.status(ALICE).orElseThrow().version();

        assertThat(bookmarked(here, bookmark)).containsExactly("opening", "ending");
    }

    private static List<String> stale(Satchel satchel) throws SQLException {
        // snippet: version-compare-on-start-wrong
        try (Session session = satchel.open(ALICE, Freshness.local(), Durability.DURABLE)) {
            return query(session, "select name from clip"); // whatever this node happens to have
        }
        // end
    }

    private static List<String> fresh(Satchel satchel) throws SQLException {
        // snippet: version-compare-on-start-right
        try (Session session = satchel.open(ALICE)) { // asks the store whether there is a newer version
            return query(session, "select name from clip");
        }
        // end
    }

    private static List<String> bookmarked(Satchel satchel, Version seen) throws SQLException {
        // snippet: version-compare-on-start-bookmark
        try (Session session = satchel.open(ALICE, Freshness.atLeast(seen), Durability.DURABLE)) {
            return query(session, "select name from clip"); // asks only if this node has an older version
        }
        // end
    }

    @Test
    void everyUploadMakesTheNextVersion() throws SQLException {
        Satchel satchel = node(bucket);
        execute(satchel, "create table clip (name)", "create table counter (value)", "insert into counter values (0)");

        assertThat(ownCounter(satchel)).isEqualTo("1");
        assertThat(rename(satchel)).isEqualTo(Version.of(3));
        assertThat(rename(satchel)).isEqualTo(Version.of(4));
    }

    private static String ownCounter(Satchel satchel) throws SQLException {
        // snippet: version-increment-on-write-wrong
        return satchel.write(ALICE, session -> {
            execute(session, "insert into clip values ('ending')", "update counter set value = value + 1");
            return query(session, "select value from counter").get(0); // a second count that can drift
        });
        // end
    }

    private static Version rename(Satchel satchel) throws SQLException {
        // snippet: version-increment-on-write-right
        try (Session session = satchel.open(ALICE)) {
            execute(session, "insert into clip values ('ending')");
            return session.complete().version();
        }
        // end
    }
}
