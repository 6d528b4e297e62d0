package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs its seeds; {@code make fuzz} searches. */
class SpoolFuzzTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final Path FILE = Path.of("alice", "database.spool", "1.commit");

    static Stream<byte[]> files() throws IOException {
        return Stream.of(new byte[0], file(ID), file(DatabaseId.of("bob")));
    }

    private static byte[] file(DatabaseId id) throws IOException {
        TreeMap<Integer, byte[]> pages = new TreeMap<>();
        pages.put(1, new byte[512]);
        pages.put(2, new byte[512]);
        return Spool.encode(Commit.encode(
                id.path(), 1, "0123456789abcdef", "host-1-2", 1L << 63, 3L << 62, Instant.EPOCH, 512, 2, 0, 0, pages));
    }

    @MethodSource("files")
    @FuzzTest(maxDuration = "1m")
    void anyBytesAreAPendingCommitOrCorrupt(byte[] bytes) {
        requireCommitOrCorrupt(bytes);
    }

    /** The digest is right here, so that the search gets past it: a file as it is written, changed in places. */
    @FuzzTest(maxDuration = "1m")
    void anyChangesUnderARightDigestAreAPendingCommitOrCorrupt(FuzzedDataProvider data) throws IOException {
        byte[] whole = file(ID);
        byte[] content = Arrays.copyOf(whole, whole.length - 32);
        for (int i = data.consumeInt(0, 8); i > 0; i--) {
            int at = data.consumeInt(0, content.length - 4);
            if (data.consumeBoolean()) {
                content[at] = data.consumeByte();
            } else {
                ByteBuffer.wrap(content).putInt(at, data.consumeInt());
            }
        }
        if (data.consumeBoolean()) {
            content = Arrays.copyOf(content, data.consumeInt(0, content.length + 8));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(content);
        bytes.write(Digest.sha256().digest(content));
        requireCommitOrCorrupt(bytes.toByteArray());
    }

    private static void requireCommitOrCorrupt(byte[] bytes) {
        Commit found;
        try {
            found = Spool.decode(ID, FILE, bytes);
        } catch (CorruptException e) {
            assertThat(e.kind()).isEqualTo(CorruptException.Kind.PENDING_COMMIT);
            assertThat(e).hasMessageContaining(FILE.toString());
            return;
        }
        assertThat(found.provenance().database()).isEqualTo(ID.path());
    }
}
