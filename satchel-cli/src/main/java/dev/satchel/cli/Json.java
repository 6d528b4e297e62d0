package dev.satchel.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
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
