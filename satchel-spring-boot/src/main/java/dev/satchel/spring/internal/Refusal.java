package dev.satchel.spring.internal;

import dev.satchel.ConflictException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelException;
import dev.satchel.SessionResult;
import dev.satchel.Version;
import dev.satchel.spring.web.SyncHeaders;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What is answered in the place of an answer whose session failed.
 *
 * @param problem the answer
 * @param headers headers of the answer besides
 */
public record Refusal(Problem problem, Map<String, String> headers) {
    /** Headers that describe the body that is thrown away, or follow from what was not saved. */
    private static final Set<String> OF_THE_DISCARDED_ANSWER = Set.of(
            "etag",
            "last-modified",
            "location",
            "link",
            "refresh",
            "cache-control",
            "expires",
            "pragma",
            "age",
            "accept-ranges",
            "transfer-encoding",
            "trailer",
            "retry-after",
            "set-cookie");

    /** Copies the map. */
    public Refusal {
        headers = Map.copyOf(headers);
    }

    /**
     * For a failure of the engine.
     *
     * @param result what the sessions came to that ended well: what they committed is saved although another one failed
     * @param known what this machine knows of the version, asked only if the result does not tell
     */
    public static Refusal of(SatchelException e, Optional<SessionResult> result, Supplier<Optional<Version>> known) {
        // Of a part whose outcome is unknown it cannot be said that it is not saved.
        boolean saved = !(e instanceof OutcomeUnknownException)
                && result.map(SessionResult::committed).orElse(false);
        Optional<Version> version = result.map(SessionResult::version).or(known);
        Map<String, String> headers = new HashMap<>(headersOf(e, known));
        result.ifPresent(r -> headers.put(SyncHeaders.VERSION, r.version().toString()));
        if (saved) {
            result.ifPresent(r -> headers.put(SyncHeaders.STATUS, r.status().token()));
        }
        return new Refusal(Problem.of(e, saved, version), headers);
    }

    /** The headers alone, for a failure that somebody else answers. */
    public static Map<String, String> headersOf(SatchelException e, Supplier<Optional<Version>> known) {
        if (e instanceof ConflictException conflict) {
            return Map.of(
                    SyncHeaders.STATUS,
                    e.status().token(),
                    SyncHeaders.VERSION,
                    conflict.conflict().head().toString());
        }
        Map<String, String> headers = new HashMap<>();
        headers.put(SyncHeaders.STATUS, e.status().token());
        known.get().ifPresent(version -> headers.put(SyncHeaders.VERSION, version.toString()));
        return headers;
    }

    /** Whether a header that was set for the answer stays when another takes its place; cookies are looked at apart. */
    public static boolean keepsHeader(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.startsWith("content-") && !OF_THE_DISCARDED_ANSWER.contains(lower);
    }
}
