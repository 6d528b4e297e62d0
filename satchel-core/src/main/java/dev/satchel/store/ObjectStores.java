package dev.satchel.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Opens an object store by what a user writes: a folder, or a URI whose scheme a module on the class path handles. */
public final class ObjectStores {

    /** At least two characters, so that a Windows drive letter is a path. */
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*", Pattern.DOTALL);

    private static final String FILE = "file";

    /** Schemes of our own modules, so that a missing one can be named. */
    private static final Map<String, String> MODULES = Map.of("r2", "satchel-s3", "s3", "satchel-s3");

    private ObjectStores() {}

    /**
     * Opens a store. Makes no request.
     *
     * <ul>
     *   <li>a plain path or a {@code file:} URI: a {@link DirectoryObjectStore} in that folder
     *   <li>{@code r2://bucket/prefix?account=...}, {@code s3://bucket/prefix?region=...}: needs the module satchel-s3
     *   <li>any other scheme: an {@link ObjectStoreProvider} on the class path
     * </ul>
     *
     * @param uriOrPath never contains secrets
     * @param environment where credentials come from, usually {@link System#getenv()}
     * @throws IllegalArgumentException if nothing handles the scheme, or the URI is wrong
     * @throws StoreException if the folder cannot be used
     */
    public static ObjectStore open(String uriOrPath, Map<String, String> environment) {
        String scheme = scheme(uriOrPath);
        if (scheme.equals(FILE)) {
            return new DirectoryObjectStore(path(uriOrPath));
        }
        ObjectStoreProvider provider = provider(scheme).orElseThrow(() -> unknown(scheme));
        return provider.open(parse(uriOrPath, scheme), environment);
    }

    /**
     * The folder that a plain path or a {@code file:} URI names, whether it exists or not; empty for any other store. Opening one
     * makes it, so who does not want that looks first.
     *
     * @throws IllegalArgumentException as {@link #open} does
     */
    public static Optional<Path> folder(String uriOrPath) {
        return scheme(uriOrPath).equals(FILE) ? Optional.of(path(uriOrPath)) : Optional.empty();
    }

    /** In lower case; a plain path counts as {@value #FILE}. */
    private static String scheme(String uriOrPath) {
        if (uriOrPath.isBlank()) {
            throw new IllegalArgumentException(
                    "the store is empty; write a folder such as ./data/bucket, or a URI such as"
                            + " r2://bucket/prefix?account=ACCOUNT");
        }
        Matcher matcher = SCHEME.matcher(uriOrPath);
        return matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : FILE;
    }

    private static Path path(String uriOrPath) {
        boolean uri = SCHEME.matcher(uriOrPath).matches();
        try {
            return Path.of(uri ? pathOfFileUri(uriOrPath) : uriOrPath);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a folder's name: " + e.getReason(), e);
        }
    }

    /** A relative {@code file:data/bucket} is no hierarchical URI but is what people write. */
    private static String pathOfFileUri(String uri) {
        String rest = uri.substring("file:".length());
        if (rest.isEmpty()) {
            throw new IllegalArgumentException("file: names no folder; write file:///var/lib/app/bucket");
        }
        if (!rest.startsWith("/")) {
            return rest;
        }
        try {
            URI parsed = parse(uri, "file");
            if (parsed.getRawQuery() != null || parsed.getRawFragment() != null) {
                throw new IllegalArgumentException("a file: store has no options; write file:///folder only");
            }
            return Path.of(parsed).toString();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a file: URI of a folder on this machine: " + e.getMessage(), e);
        }
    }

    private static Optional<ObjectStoreProvider> provider(String scheme) {
        for (ObjectStoreProvider provider : providers()) {
            if (provider.handles(scheme)) {
                return Optional.of(provider);
            }
        }
        return Optional.empty();
    }

    /** Of our own class loader first: on pool threads the context class loader need not see the application's jars. */
    private static List<ObjectStoreProvider> providers() {
        Set<@Nullable ClassLoader> loaders = new LinkedHashSet<>();
        loaders.add(ObjectStores.class.getClassLoader());
        loaders.add(Thread.currentThread().getContextClassLoader());
        List<ObjectStoreProvider> providers = new ArrayList<>();
        for (ClassLoader loader : loaders) {
            ServiceLoader.load(ObjectStoreProvider.class, loader).forEach(providers::add);
        }
        return providers;
    }

    private static IllegalArgumentException unknown(String scheme) {
        String module = MODULES.get(scheme);
        if (module != null) {
            return new IllegalArgumentException(scheme + ": needs the module dev.satchel:" + module
                    + ", which is not on the class path; add it as a dependency");
        }
        return new IllegalArgumentException("no module on the class path opens stores of scheme " + scheme
                + ": (known: a plain path, file:, r2: and s3: with dev.satchel:satchel-s3). For a folder with a colon in its"
                + " name write ./" + scheme + ":...");
    }

    /** The parser's own message would repeat the whole URI, and with it what somebody may have put there by mistake. */
    @SuppressWarnings("UnusedException")
    private static URI parse(String uri, String scheme) {
        try {
            return new URI(uri);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the " + scheme + ": URI of the store is malformed at character "
                    + (e.getIndex() + 1) + ": " + e.getReason() + "; percent-encode special characters");
        }
    }
}
