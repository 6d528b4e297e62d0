package dev.satchel.store;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Predicate;

/**
 * Visits the keys that may be files below a folder in key order, reading no more folders than it must. Confined to one thread.
 *
 * <p>A folder's name takes its place in the order with its {@code /}: {@code a-b}, {@code a/b}, {@code a0}. Which names are
 * folders is not known without asking for each, so every name is entered as both, and asked for when its turn comes.
 */
final class KeyWalk {
    /** What to do with a key. */
    interface Visitor {
        /** Returns whether to go on. The key may name a folder, or nothing any more. */
        boolean visit(String key) throws IOException;
    }

    private final Path root;
    private final Predicate<String> isWanted;
    private final String prefix;
    private final String startAfter;

    /**
     * A walk that has not begun.
     *
     * @param isWanted tells keys, and folders by their {@code /} at the end, that are to be visited
     */
    KeyWalk(Path root, Predicate<String> isWanted, String prefix, String startAfter) {
        this.root = root;
        this.isWanted = isWanted;
        this.prefix = prefix;
        this.startAfter = startAfter;
    }

    /** Visits until the visitor has had enough. */
    void visit(Visitor visitor) throws IOException {
        String folder = prefix.substring(0, prefix.lastIndexOf('/') + 1);
        if (folder.isEmpty() || isWanted.test(folder)) {
            visitFolder(folder, visitor);
        }
    }

    private boolean visitFolder(String folder, Visitor visitor) throws IOException {
        Queue<String> candidates = new PriorityQueue<>(StoreRules.KEY_ORDER);
        addCandidates(folder, candidates);
        String last = "";
        boolean goOn = true;
        for (String next = candidates.poll(); goOn && next != null; next = candidates.poll()) {
            if (next.equals(last)) {
                continue; // some file systems list a name twice that is replaced just then
            }
            last = next;
            if (!next.endsWith("/")) {
                goOn = visitor.visit(next);
            } else if (Files.isDirectory(root.resolve(next))) {
                goOn = visitFolder(next, visitor);
            }
        }
        return goOn;
    }

    private void addCandidates(String folder, Collection<String> candidates) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(root.resolve(folder))) {
            for (Path child : children) {
                String key = folder + child.getFileName();
                if (key.startsWith(prefix) && StoreRules.KEY_ORDER.compare(key, startAfter) > 0 && isWanted.test(key)) {
                    candidates.add(key);
                }
                String inside = key + "/";
                boolean endsAfter =
                        StoreRules.KEY_ORDER.compare(inside, startAfter) > 0 || startAfter.startsWith(inside);
                if (inside.startsWith(prefix) && endsAfter && isWanted.test(inside)) {
                    candidates.add(inside);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // An empty folder is removed by whoever empties it; then there is nothing inside.
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
