package dev.satchel.internal.sync;

import dev.satchel.DatabaseId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;

/** What may have happened to the files of a local folder, and whether it is damage that is found and counted. */
enum LocalDamage {
    // while the database was closed
    BIT_OF_THE_FILE(true, false, at -> flip(at.main())),
    FILE_CUT(true, false, at -> cut(at.main(), 100)),
    FILE_CUT_BY_A_PAGE(true, false, at -> cut(at.main(), 4096)),
    FILE_EMPTY(true, false, at -> Files.write(at.main(), new byte[0])),
    FILE_FOREIGN(true, false, at -> Files.writeString(at.main(), "not a database".repeat(1000))),
    FILE_OF_ANOTHER_USER(true, false, at -> copy(at.other().main(), at.main())),
    FILE_OF_AN_OLDER_VERSION(true, false, at -> copy(at.older().main(), at.main())),
    FILE_GONE(true, false, at -> Files.delete(at.main())),
    SIDECAR_BIT(true, false, at -> flip(at.sidecar())),
    SIDECAR_CUT(true, false, at -> cut(at.sidecar(), 3)),
    SIDECAR_EMPTY(true, false, at -> Files.write(at.sidecar(), new byte[0])),
    SIDECAR_FOREIGN(true, false, at -> Files.write(at.sidecar(), new byte[1 << 20])),
    SIDECAR_OF_ANOTHER_USER(true, false, at -> copy(at.other().sidecar(), at.sidecar())),
    SIDECAR_OF_AN_OLDER_VERSION(true, false, at -> copy(at.older().sidecar(), at.sidecar())),
    FILE_AND_SIDECAR_OF_ANOTHER_USER(true, false, at -> {
        copy(at.other().main(), at.main());
        copy(at.other().sidecar(), at.sidecar());
    }),
    FILE_AND_SIDECAR_OF_AN_OLDER_VERSION(false, false, at -> {
        copy(at.older().main(), at.main());
        copy(at.older().sidecar(), at.sidecar());
    }),
    SIDECAR_GONE(false, false, at -> Files.delete(at.sidecar())),
    FOREIGN_LOG_BESIDE_THE_FILE(true, false, at -> Files.write(at.wal(), new byte[5000])),
    FOREIGN_JOURNAL_BESIDE_THE_FILE(true, false, at -> Files.write(at.journal(), new byte[5000])),
    FOREIGN_INDEX_BESIDE_THE_FILE(false, false, at -> Files.write(at.index(), new byte[32768])),
    LEFTOVERS_OF_A_LOAD(false, false, at -> {
        Files.write(at.file(".loading"), new byte[5000]);
        Files.write(at.file(".loading-snapshot"), new byte[5000]);
        Files.delete(at.sidecar());
    }),
    LEFTOVERS_OF_AN_IMAGE(false, false, at -> {
        Files.write(at.file(".image"), new byte[5000]);
        Files.write(at.file(".pages"), new byte[5000]);
        Files.write(at.file(".snapshot"), new byte[5000]);
    }),
    FOREIGN_FOLDERS(false, false, at -> {
        Files.createDirectories(at.folder().resolve("My Backup"));
        Files.write(at.folder().resolve("My Backup").resolve("Old.sqlite"), new byte[5000]);
        Files.createDirectories(at.folder().resolve("My Backup").resolve("Old.spool"));
        Files.write(at.file("-Old.sqlite"), new byte[5000]);
    }),

    // while a node has it open
    FILE_GONE_WHILE_OPEN(true, true, at -> Files.delete(at.main())),
    FILE_REPLACED_WHILE_OPEN(true, true, at -> {
        Path copy = at.file(".copy");
        copy(at.other().main(), copy);
        Files.move(copy, at.main(), StandardCopyOption.REPLACE_EXISTING);
    }),
    FILE_OVERWRITTEN_WHILE_OPEN(true, true, at -> overwrite(at.other().main(), at.main())),
    BIT_OF_THE_FILE_WHILE_OPEN(true, true, at -> flip(at.main(), Files.size(at.main()) - 10)),
    FILE_CUT_WHILE_OPEN(true, true, at -> cut(at.main(), 4096)),
    FILE_TOUCHED_WHILE_OPEN(
            false, true, at -> Files.setLastModifiedTime(at.main(), FileTime.fromMillis(1_000_000_000_000L))),
    LOG_CUT_WHILE_OPEN(true, true, at -> cut(at.wal(), 1000)),
    LOG_EMPTY_WHILE_OPEN(true, true, at -> cut(at.wal(), Files.size(at.wal()))),
    LOG_GONE_WHILE_OPEN(true, true, at -> Files.delete(at.wal())),
    FOLDER_GONE_WHILE_OPEN(true, true, at -> deleteFolder(at.main().getParent()));

    /** Files of one database in a local folder. */
    record At(Path folder, DatabaseId id, At other, At older) {
        Path file(String suffix) {
            return folder.resolve(id.user().encoded()).resolve(id.encodedName() + suffix);
        }

        Path main() {
            return file(".sqlite");
        }

        Path wal() {
            return file(".sqlite-wal");
        }

        Path index() {
            return file(".sqlite-shm");
        }

        Path journal() {
            return file(".sqlite-journal");
        }

        Path sidecar() {
            return file(".replica");
        }
    }

    private interface Harm {
        void on(At at) throws IOException;
    }

    private final boolean counted;
    private final boolean whileOpen;

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas have no state
    private final Harm harm;

    LocalDamage(boolean counted, boolean whileOpen, Harm harm) {
        this.counted = counted;
        this.whileOpen = whileOpen;
        this.harm = harm;
    }

    /** Whether it is damage; what is merely old, or nobody's, is not. */
    boolean isCounted() {
        return counted;
    }

    boolean isWhileOpen() {
        return whileOpen;
    }

    void apply(At at) throws IOException {
        harm.on(at);
    }

    /** As the documentation calls it. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static void flip(Path file) throws IOException {
        flip(file, Files.size(file) / 2);
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int value = open.read();
            open.seek(at);
            open.write(value ^ 1);
        }
    }

    private static void cut(Path file, long bytes) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(Math.max(0, open.length() - bytes));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.write(to, Files.readAllBytes(from));
    }

    /** As cp does: the same file, with other content. */
    private static void overwrite(Path from, Path to) throws IOException {
        byte[] bytes = Files.readAllBytes(from);
        try (RandomAccessFile open = new RandomAccessFile(to.toFile(), "rw")) {
            open.setLength(0);
            open.write(bytes);
        }
    }

    private static void deleteFolder(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** What a pending commit on the disk may have become. */
    enum Pending {
        BIT {
            @Override
            void apply(Path file, Path ofAnotherUser) throws IOException {
                flip(file);
            }
        },
        CUT {
            @Override
            void apply(Path file, Path ofAnotherUser) throws IOException {
                cut(file, 5);
            }
        },
        EMPTY {
            @Override
            void apply(Path file, Path ofAnotherUser) throws IOException {
                Files.write(file, new byte[0]);
            }
        },
        FOREIGN {
            @Override
            void apply(Path file, Path ofAnotherUser) throws IOException {
                Files.write(file, "{\"not\": \"ours\"}".getBytes(StandardCharsets.UTF_8));
            }
        },
        OF_ANOTHER_USER {
            @Override
            void apply(Path file, Path ofAnotherUser) throws IOException {
                copy(ofAnotherUser, file);
            }
        },
        UNDER_ANOTHER_VERSIONS_NAME {
            @Override
            void apply(Path file, Path ofAnotherUser) throws IOException {
                String name = file.getFileName().toString();
                Files.move(file, file.resolveSibling("0000000000000009" + name.substring(16)));
            }
        },
        UNDER_A_FOREIGN_NAME {
            @Override
            void apply(Path file, Path ofAnotherUser) throws IOException {
                Files.move(file, file.resolveSibling("copy of a.commit"));
            }
        };

        abstract void apply(Path file, Path ofAnotherUser) throws IOException;

        String title() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }
}
