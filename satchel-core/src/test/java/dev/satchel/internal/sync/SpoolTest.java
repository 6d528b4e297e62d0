package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.ltx.PageChecksum;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final int PAGE_SIZE = 4096;

    @TempDir
    Path folder;

    private static Commit commit(long version) {
        TreeMap<Integer, byte[]> pages = new TreeMap<>();
        pages.put(1, new byte[PAGE_SIZE]);
        return Commit.encode(
                ID.path(),
                version,
                "0123456789abcdef0123456789abcde" + version,
                "node",
                PageChecksum.EMPTY | (version - 1),
                PageChecksum.EMPTY | version,
                Instant.EPOCH,
                PAGE_SIZE,
                1,
                version == 1 ? 0 : 1,
                0,
                pages);
    }

    private Spool spool() {
        return new Spool(ID, folder);
    }

    /** A process that is killed before a file is whole: the disk refuses it. */
    private void refuse(long version, long order, long continues) throws Exception {
        Files.createDirectory(folder.resolve(String.format("%016x-%016x-%016x.commit.new", version, order, continues)));
    }

    /** Else it would pass for one whose first has landed, and its database be refused, since it has not. */
    @Test
    void aCommitIsNeverLeftWithoutTheOneThatItContinues() throws Exception {
        Spool spool = spool();
        refuse(1, 1, 0);

        assertThatThrownBy(() -> spool.replace(commit(1), commit(2))).isInstanceOf(LocalStorageException.class);

        assertThat(spool().isEmpty()).isTrue();
    }

    @Test
    void theBeginningOfAPairIsKeptIfItsEndIsNot() throws Exception {
        Spool spool = spool();
        refuse(2, 2, 1);

        assertThatThrownBy(() -> spool.replace(commit(1), commit(2))).isInstanceOf(LocalStorageException.class);

        assertThat(spool().read()).extracting(Commit::version).containsExactly(1L);
    }

    @Test
    void theOldPairStaysIfTheNewOneIsNotWhole() throws Exception {
        Spool spool = spool();
        spool.replace(commit(1), commit(2));
        refuse(3, 3, 0);

        assertThatThrownBy(() -> spool.replace(commit(3), commit(4))).isInstanceOf(LocalStorageException.class);

        assertThat(spool().read()).extracting(Commit::version).containsExactly(1L, 2L);
    }
}
