package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.SatchelMeter;
import dev.satchel.spring.boot.SatchelObservation;
import io.micrometer.common.docs.KeyName;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/** The tables of the documentation that list properties and meters have what the code has. */
class ReferenceTest {
    private static final Path DOCS = Path.of("..", "docs");

    @Test
    void propertiesAreThoseOfTheMetadata() throws IOException {
        List<String> expected = new ArrayList<>();
        for (Map<?, ?> property : properties()) {
            String value = defaultValue(property.get("defaultValue"));
            expected.add("| `" + property.get("name") + "` |" + value + "| " + property.get("description") + " |");
        }

        assertThat(rows("spring-boot.md", "properties")).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void metersAreThoseOfTheEnum() throws IOException {
        List<String> expected = new ArrayList<>();
        for (SatchelMeter meter : SatchelMeter.values()) {
            String tags = names(meter.getKeyNames());
            String type = meter.getType().name().toLowerCase(Locale.ROOT).replace("distribution_", "");
            expected.add("| `" + meter.getName() + "` | " + type + (tags.isEmpty() ? " | |" : " | " + tags + " |"));
        }
        List<String> found = rows("observability.md", "meters").stream()
                .map(row -> row.substring(0, row.lastIndexOf('|', row.length() - 3) + 1))
                .toList();

        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void observationsAreThoseOfTheEnum() throws IOException {
        List<String> expected = new ArrayList<>();
        for (SatchelObservation observation : SatchelObservation.values()) {
            expected.add("| `" + observation.getName() + "` | " + names(observation.getLowCardinalityKeyNames()) + " | "
                    + names(observation.getHighCardinalityKeyNames()) + " |");
        }
        List<String> found = rows("observability.md", "observations").stream()
                .map(row -> row.substring(0, row.lastIndexOf('|', row.length() - 3) + 1))
                .toList();

        assertThat(found).containsExactlyElementsOf(expected);
    }

    private static String names(KeyName[] keys) {
        return Arrays.stream(keys)
                .map(KeyName::asString)
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", "));
    }

    private static List<Map<?, ?>> properties() throws IOException {
        List<Map<?, ?>> found = new ArrayList<>();
        for (URL url : Collections.list(
                ReferenceTest.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = url.openStream()) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                List<?> properties = (List<?>)
                        JsonParserFactory.getJsonParser().parseMap(text).get("properties");
                for (Object property : properties) {
                    if (property instanceof Map<?, ?> map
                            && String.valueOf(map.get("name")).startsWith("satchel.")) {
                        found.add(map);
                    }
                }
            }
        }
        return found;
    }

    private static String defaultValue(Object value) {
        if (value == null || value.equals(List.of())) {
            return " ";
        }
        return " `" + value + "` ";
    }

    /** The rows of the table between {@code <!-- name -->} and {@code <!-- end -->}, without its head. */
    private static List<String> rows(String document, String name) throws IOException {
        List<String> lines = Files.readAllLines(DOCS.resolve(document));
        int begin = lines.indexOf("<!-- " + name + " -->");
        int end = begin + lines.subList(begin, lines.size()).indexOf("<!-- end -->");
        return lines.subList(begin, end).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
    }
}
