package dev.satchel.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Results as JSON: one object, on one line. Made of maps, collections, strings, numbers and booleans; a class for each result
 * and a mapper by reflection would double the time the command takes to start.
 */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final Map<String, Object> fields = new LinkedHashMap<>();

    private Json() {}

    /** Begins an object. */
    static Json object() {
        return new Json();
    }

    /** Adds a field; one without a value is left out. */
    Json with(String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
        return this;
    }

    /** The object. */
    Map<String, Object> fields() {
        return fields;
    }

    /** Prints the object and ends the line. */
    void print(PrintWriter out) {
        print(out, fields);
    }

    /** Prints a value and ends the line. */
    static void print(PrintWriter out, Map<String, ?> object) {
        out.println(text(object));
    }

    /** A value as JSON. */
    static String text(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            write(generator, value);
        }
        return text.toString();
    }

    /**
     * Reads an object whose fields are strings, numbers and booleans.
     *
     * @return their values as text
     * @throws IllegalArgumentException if it is something else
     */
    static Map<String, String> flat(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("not a JSON object: " + text);
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (!parser.nextToken().isScalarValue()) {
                    throw new IllegalArgumentException("field " + name + " is not a single value: " + text);
                }
                fields.put(name, parser.getString());
            }
            if (parser.currentToken() != JsonToken.END_OBJECT) {
                throw new IllegalArgumentException("the object has no end: " + text);
            }
            return fields;
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON: " + text, e);
        }
    }

    private static void write(JsonGenerator generator, Object value) {
        if (value instanceof Map<?, ?> map) {
            generator.writeStartObject();
            map.forEach((name, field) -> {
                generator.writeName((String) name);
                write(generator, field);
            });
            generator.writeEndObject();
        } else if (value instanceof Collection<?> elements) {
            generator.writeStartArray();
            elements.forEach(element -> write(generator, element));
            generator.writeEndArray();
        } else if (value instanceof Boolean flag) {
            generator.writeBoolean(flag);
        } else if (value instanceof Integer || value instanceof Long) {
            generator.writeNumber(((Number) value).longValue());
        } else {
            generator.writeString(value.toString());
        }
    }
}
