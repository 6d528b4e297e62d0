package dev.satchel.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.spring.NoCurrentUserException;
import dev.satchel.spring.boot.ItemsApplication;
import dev.satchel.spring.boot.RunningItems;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

@DisplayName("M02 The right file uploaded under another database's key")
class M02WrongKeyTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    private RunningItems application;

    @BeforeEach
    void twoUsersOneOfWhomHasTwoDatabases() {
        application = applications.start("a");
        application.post("/items", "u", "p1");
        application.post("/databases/p2", "u", "p2");
        application.post("/items", "v", "v");
        application.requests().reset();
    }

    private List<String> uploaded() {
        return application.requests().entries().stream()
                .filter(entry -> entry.operation() == Operation.PUT)
                .map(entry -> entry.key().replaceFirst("[.]ltx/0000/.*", ""))
                .toList();
    }

    // ---- which key --------------------------------------------------------------------------------------------------

    @Test
    void callForAnotherDatabaseOfTheUserIsUploadedUnderItsKey() {
        application.post("/databases/p2", "u", "more"); // in a request whose own database is the main one

        assertThat(uploaded()).containsExactly("u/p2");
        assertThat(application.get("/databases/p2", "u").body()).isEqualTo("[\"p2\",\"more\"]");
        assertThat(application.get("/items", "u").body()).isEqualTo("[\"p1\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/items-of/v", "/gifts/v/v"})
    void callForAnotherUserIsUploadedUnderTheirKey(String path) {
        application.post(path, "u", "more");

        assertThat(uploaded()).isNotEmpty().containsOnly("v/database");
        assertThat(application.get("/items", "v").body()).startsWith("[\"v\",\"more\"");
        assertThat(application.get("/items", "u").body()).isEqualTo("[\"p1\"]");
    }

    @Test
    void withoutAnyContextOnlyANamedDatabaseIsWritten() {
        JdbcClient jdbc = application.bean(JdbcClient.class);
        assertThatThrownBy(() ->
                        jdbc.sql("insert into item (name) values ('whose?')").update())
                .isInstanceOf(NoCurrentUserException.class);
        assertThat(uploaded()).isEmpty();

        ItemsApplication.insert(application.bean(Satchel.class), DatabaseId.of("u", "p2"), "more");

        assertThat(uploaded()).containsExactly("u/p2");
    }

    // ---- whose bytes ------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"u/p2", "v/database"})
    void objectsUnderAnothersKeyAreRefusedAfterDownload(String from) {
        for (String key : applications.objects(from).keySet()) {
            try (StoredObject object = applications.bucket().get(key).orElseThrow()) {
                applications
                        .bucket()
                        .put(
                                key.replace(from, "w/database"),
                                ObjectBody.of(object.readAll()),
                                object.info().metadata(),
                                PutCondition.none());
            }
        }
        application.requests().reset();

        HttpResponse<String> refused = application.post("/items", "w", "mine?");

        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(refused.body()).contains("problem:corrupt", "\"outcome\":\"not-saved\"");
        assertThat(uploaded()).isEmpty();
    }

    @Test
    void localFilesUnderAnothersNameAreNotUploaded() throws IOException {
        application.close();
        Path disk = applications.folder("a");
        for (String suffix : List.of(".sqlite", ".replica")) {
            Path p1 = disk.resolve("u/database" + suffix);
            Path p2 = disk.resolve("u/p2" + suffix);
            Path v = disk.resolve("v/database" + suffix);
            Path aside = disk.resolve("aside");
            Files.move(p1, aside);
            Files.move(p2, p1);
            Files.move(v, p2);
            Files.move(aside, v);
        }
        RunningItems restarted = applications.start("a");

        restarted.post("/items", "u", "more", "X-Freshness", "local");
        restarted.post("/databases/p2", "u", "more");
        restarted.post("/items", "v", "more", "X-Freshness", "local");

        assertThat(applications.stored("u")).containsExactly("p1", "more");
        assertThat(applications.stored(applications.bucket(), DatabaseId.of("u", "p2")))
                .containsExactly("p2", "more");
        assertThat(applications.stored("v")).containsExactly("v", "more");
    }
}
