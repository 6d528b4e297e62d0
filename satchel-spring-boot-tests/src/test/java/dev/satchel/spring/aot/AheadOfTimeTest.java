package dev.satchel.spring.aot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplicationAotProcessor;
import org.springframework.context.aot.AbstractAotProcessor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a native image is made of: Spring's ahead-of-time processing goes through, and what it cannot find out is written down. No image is
 * built here.
 */
@Tag("one-jdk")
class AheadOfTimeTest {
    private static final String CORE = "META-INF/native-image/dev.satchel/satchel-core/reachability-metadata.json";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(classes = {ServletSample.class, WebFluxSample.class})
    void applicationIsProcessedAheadOfTime(Class<?> application) throws IOException {
        process(application);

        assertThat(generated())
                .anyMatch(name -> name.endsWith(application.getSimpleName() + "__ApplicationContextInitializer.java"))
                .anyMatch(name -> name.endsWith("SatchelAutoConfiguration__BeanDefinitions.java"))
                .anyMatch(name -> name.endsWith(
                        application == ServletSample.class
                                ? "SatchelWebAutoConfiguration__BeanDefinitions.java"
                                : "SatchelWebFluxAutoConfiguration__BeanDefinitions.java"));
        JsonNode metadata = JsonMapper.shared()
                .readTree(Files.readString(
                        folder.resolve("resources/META-INF/native-image/tests/sample/reachability-metadata.json")));
        assertThat(metadata.toString())
                .contains("{\"proxy\":[\"java.sql.Connection\"]}")
                .contains("\"satchel/migrations/**\"")
                .contains("\"META-INF/resources/satchel/*\"")
                .contains("dev.satchel.spring.boot.SatchelProperties$Web")
                .contains("dev.satchel.spring.boot.UnusableStoreFailureAnalyzer")
                .contains("dev.satchel.spring.data.SqliteDialectProvider");
    }

    @Test
    void whatTheCompressionLooksUpByNameIsWrittenDown() throws Exception {
        JsonNode metadata;
        try (InputStream file =
                Objects.requireNonNull(getClass().getClassLoader().getResourceAsStream(CORE))) {
            metadata = JsonMapper.shared().readTree(file);
        }
        LZ4Factory safe = LZ4Factory.safeInstance();
        List<String> used = Stream.of(
                        safe.fastCompressor(), safe.highCompressor(), safe.fastDecompressor(), safe.safeDecompressor())
                .map(each -> each.getClass().getName())
                .toList();

        List<String> written = metadata.get("reflection")
                .valueStream()
                .map(type -> type.get("type").asString())
                .toList();
        assertThat(written).containsExactlyInAnyOrderElementsOf(used);
        for (JsonNode type : metadata.get("reflection")) {
            Class<?> named = Class.forName(type.get("type").asString());
            assertThat(named.getField(type.get("fields").get(0).get("name").asString()))
                    .isNotNull();
        }
        assertThat(Class.forName(written.get(1)).getDeclaredConstructor(int.class))
                .isNotNull();
    }

    private void process(Class<?> application) {
        AbstractAotProcessor.Settings settings = AbstractAotProcessor.Settings.builder()
                .sourceOutput(folder.resolve("sources"))
                .resourceOutput(folder.resolve("resources"))
                .classOutput(folder.resolve("classes"))
                .groupId("tests")
                .artifactId("sample")
                .build();
        new SpringApplicationAotProcessor(application, settings, new String[0]).process();
    }

    private List<String> generated() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("sources"))) {
            return files.map(Path::toString).toList();
        }
    }
}
