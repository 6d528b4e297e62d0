package dev.satchel.cloudflare;

import dev.satchel.archive.BatchId;
import dev.satchel.archive.BatchInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads what the Worker writes: objects of strings, numbers, booleans, one list of such objects or one such object. */
final class WorkerJson {
    private static final JsonFactory JSON = new JsonFactory();

    private WorkerJson() {}

    /** What it says of an error; empty if this is not the Worker's. */
    static Optional<Answer.Refused> error(byte[] body) {
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), body)) {
            if (!begins(in, "error")) {
                return Optional.empty();
            }
            Map<String, String> error = members(in);
            String code = error.get("code");
            return code == null
                    ? Optional.empty()
                    : Optional.of(new Answer.Refused(
                            ErrorCode.of(code),
                            error.getOrDefault("message", code),
                            number(error.get("now")),
                            number(error.get("time"))));
        } catch (JacksonException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** One member of an object; empty if there is none or this is no object. */
    static Optional<String> member(byte[] body, String name) {
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), body)) {
            return in.nextToken() == JsonToken.START_OBJECT
                    ? Optional.ofNullable(members(in).get(name))
                    : Optional.empty();
        } catch (JacksonException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A page of a listing; empty if this is none. */
    static Optional<List<BatchInfo>> batches(byte[] body) {
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), body)) {
            if (!begins(in, "batches") || in.currentToken() != JsonToken.START_ARRAY) {
                return Optional.empty();
            }
            List<BatchInfo> batches = new ArrayList<>();
            while (in.nextToken() == JsonToken.START_OBJECT) {
                batches.add(info(members(in)));
            }
            return Optional.of(batches);
        } catch (JacksonException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static BatchInfo info(Map<String, String> members) {
        return new BatchInfo(
                BatchId.parse(wanted(members, "id")),
                wanted(members, "rule"),
                Instant.ofEpochMilli(Long.parseLong(wanted(members, "created"))),
                Integer.parseInt(wanted(members, "rows")),
                Long.parseLong(wanted(members, "bytes")),
                wanted(members, "digest"));
    }

    /** Steps into the first member, if it has this name. */
    private static boolean begins(JsonParser in, String name) {
        if (in.nextToken() != JsonToken.START_OBJECT
                || in.nextToken() != JsonToken.PROPERTY_NAME
                || !name.equals(in.currentName())) {
            return false;
        }
        in.nextToken();
        return true;
    }

    /** Behind the opening brace: the members that are strings, numbers or booleans, up to the closing one. */
    private static Map<String, String> members(JsonParser in) {
        Map<String, String> members = new LinkedHashMap<>();
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = in.currentName();
            if (in.nextToken().isScalarValue()) {
                members.put(name, in.getString());
            } else {
                in.skipChildren();
            }
        }
        return members;
    }

    private static String wanted(Map<String, String> members, String name) {
        String value = members.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return value;
    }

    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }
}
