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
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/**
 * Finds the files of something that runs in Node, and fetches what they depend on if that is missing. In this project's source
 * tree they are used where they are; elsewhere they are copied from the jar into the user's cache folder.
 */
final class NodeInstallation {
    private static final long INSTALL_MINUTES = 10;

    private final String name;
    private final Path inTree;
    private final String inJar;
    private final List<String> files;

    /**
     * Describes one.
     *
     * @param name of the cache folder
     * @param inTree the folder in the source tree
     * @param inJar the folder on the class path, beginning with a slash
     * @param files relative to each of them, the script first
     */
    NodeInstallation(String name, Path inTree, String inJar, List<String> files) {
        this.name = name;
        this.inTree = inTree;
        this.inJar = inJar;
        this.files = List.copyOf(files);
    }

    /** The script, ready to run. */
    Path script() {
        try {
            String script = files.get(0);
            Path folder = folder(script);
            // npm writes this file last, so a half-finished installation is not taken for one.
            Path installed = folder.resolve("node_modules").resolve(".package-lock.json");
            synchronized (NodeInstallation.class) {
                if (!Files.exists(installed)) {
                    install(folder, installed);
                }
            }
            return folder.resolve(script);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be installed: " + e.getMessage(), e);
        }
    }

    private Path folder(String script) throws IOException {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            if (Files.exists(up.resolve(inTree).resolve(script))) {
                return up.resolve(inTree);
            }
        }
        return copyFromJar();
    }

    private Path copyFromJar() throws IOException {
        CRC32 version = new CRC32();
        for (String file : files) {
            version.update(resource(file));
        }
        Path folder = Path.of(System.getProperty("user.home"), ".cache", "satchel", name + "-" + version.getValue());
        Files.createDirectories(folder);
        for (String file : files) {
            if (!Files.exists(folder.resolve(file))) {
                Files.createDirectories(folder.resolve(file).getParent());
                Path copy = Files.createTempFile(folder, "copy", ".tmp");
                Files.write(copy, resource(file));
                Files.move(copy, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return folder;
    }

    private byte[] resource(String file) throws IOException {
        try (InputStream in = NodeInstallation.class.getResourceAsStream(inJar + "/" + file)) {
            if (in == null) {
                throw new IOException(inJar + "/" + file + " is not on the class path");
            }
            return in.readAllBytes();
        }
    }

    /** One process at a time: the modules of a build may be tested side by side. The lock's file stays, as others may wait. */
    private void install(Path folder, Path installed) throws IOException {
        String file =
                "satchel-" + name + "-" + Integer.toHexString(folder.toString().hashCode()) + ".lock";
        Path lock = Path.of(System.getProperty("java.io.tmpdir"), file);
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (held.isValid() && !Files.exists(installed)) {
                npm(folder);
            }
        }
    }

    private void npm(Path folder) throws IOException {
        File output = File.createTempFile("satchel-npm-", ".log");
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
