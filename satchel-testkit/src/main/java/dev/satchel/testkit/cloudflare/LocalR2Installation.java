package dev.satchel.testkit.cloudflare;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/**
 * Finds the files of the local R2, and fetches what they depend on if that is missing. In this project's source tree they are
 * used where they are; elsewhere they are copied from the jar into the user's cache folder.
 */
final class LocalR2Installation {
    static final String NODE = "node";
    private static final String SCRIPT = "local-r2.mjs";
    private static final List<String> FILES = List.of(SCRIPT, "package.json", "package-lock.json");
    private static final long INSTALL_MINUTES = 10;

    private LocalR2Installation() {}

    /** The script, ready to run. */
    static Path script() {
        try {
            Path folder = folder();
            // npm writes this file last, so a half-finished installation is not taken for one.
            Path installed = folder.resolve("node_modules").resolve(".package-lock.json");
            synchronized (LocalR2Installation.class) {
                if (!Files.exists(installed)) {
                    install(folder, installed);
                }
            }
            return folder.resolve(SCRIPT);
        } catch (IOException e) {
            throw new IllegalStateException("the local R2 cannot be installed: " + e.getMessage(), e);
        }
    }

    private static Path folder() throws IOException {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            Path inTree = up.resolve("satchel-testkit").resolve("local-r2");
            if (Files.exists(inTree.resolve(SCRIPT))) {
                return inTree;
            }
        }
        return copyFromJar();
    }

    private static Path copyFromJar() throws IOException {
        CRC32 version = new CRC32();
        for (String file : FILES) {
            version.update(resource(file));
        }
        Path folder = Path.of(System.getProperty("user.home"), ".cache", "satchel", "local-r2-" + version.getValue());
        Files.createDirectories(folder);
        for (String file : FILES) {
            if (!Files.exists(folder.resolve(file))) {
                Path copy = Files.createTempFile(folder, file, ".tmp");
                Files.write(copy, resource(file));
                Files.move(copy, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return folder;
    }

    private static byte[] resource(String file) throws IOException {
        try (InputStream in = LocalR2Installation.class.getResourceAsStream(file)) {
            return Objects.requireNonNull(in, file).readAllBytes();
        }
    }

    /** One process at a time: the modules of a build may be tested side by side. The lock's file stays, as others may wait. */
    private static void install(Path folder, Path installed) throws IOException {
        String name =
                "satchel-local-r2-" + Integer.toHexString(folder.toString().hashCode()) + ".lock";
        Path lock = Path.of(System.getProperty("java.io.tmpdir"), name);
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (held.isValid() && !Files.exists(installed)) {
                npm(folder);
            }
        }
    }

    private static void npm(Path folder) throws IOException {
        File output = File.createTempFile("satchel-local-r2-npm-", ".log");
        try {
            Process npm = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .start();
            npm.getOutputStream().close();
            if (!npm.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES)) {
                npm.destroyForcibly();
                throw new IOException("npm ci took longer than " + INSTALL_MINUTES + " minutes in " + folder);
            }
            if (npm.exitValue() != 0) {
                throw new IOException("npm ci failed in " + folder + ": "
                        + Files.readString(output.toPath(), StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while npm was installing", e);
        } finally {
            Files.deleteIfExists(output.toPath());
        }
    }
}
