package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.REJECT;
import static dev.satchel.spring.boot.ItemsClient.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.UserStatus;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.boot.ItemsApplication.Step;
import dev.satchel.spring.boot.RunningItems;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** D1 is the user's main database, D2 another one of theirs. */
@DisplayName("U06 Status marker per user: success on one database erases the conflict of another")
class U06OneMarkerPerUserTest {
    private static final UserId USER = UserId.of("u");
    private static final DatabaseId D1 = DatabaseId.of("u");
    private static final DatabaseId D2 = DatabaseId.of("u", "d2");

    @RegisterExtension
    private final Applications applications = new Applications();

    private RunningItems application;

    @BeforeEach
    void conflictOfTheMainDatabase() {
        RunningItems other = applications.start("other", REJECT);
        application = applications.start("here", REJECT);
        application.post("/items", "u", "base");
        application.post("/databases/d2", "u", "base");
        application.bean(Step.class).inTheMiddle = () -> other.post("/items", "u", "theirs");
        assertThat(status(application.post("/items-slowly", "u", "ours"))).isEqualTo("conflict");
    }

    private UserStatus known() {
        return application.bean(Satchel.class).status(USER).orElseThrow();
    }

    private SyncStatus statusOf(DatabaseId database) {
        return application.bean(Satchel.class).status(database).orElseThrow().status();
    }

    @Test
    void successOfOneDatabaseLeavesTheConflictOfTheOther() {
        for (int i = 0; i < 5; i++) {
            assertThat(application.post("/databases/d2", "u", "item" + i).statusCode())
                    .isEqualTo(201); // by request
            application.get("/databases/d2", "u");
            try (var session = application
                    .bean(SatchelScopes.class)
                    .open(D2, application.bean(SatchelScopes.class).freshness())) { // by a worker
                session.flush();
            }
            assertThat(statusOf(D2)).isEqualTo(SyncStatus.SYNCED);
            assertThat(statusOf(D1)).isEqualTo(SyncStatus.CONFLICT);
            assertThat(known().status()).isEqualTo(SyncStatus.CONFLICT);
            assertThat(known().databases()).hasSize(2);
        }
        assertThat(application.get("/actuator/satchel/u", null).body())
                .startsWith("{\"status\":\"conflict\",\"databases\":{\"d2\":{\"version\":6,\"status\":\"synced\"")
                .contains("\"database\":{\"version\":2,\"status\":\"conflict\"");
    }

    @Test
    void databasesOwnNextSuccessClearsIt() {
        application.get("/databases/d2", "u");

        assertThat(status(application.post("/items", "u", "again"))).isEqualTo("synced");

        assertThat(statusOf(D1)).isEqualTo(SyncStatus.SYNCED);
        assertThat(known().status()).isEqualTo(SyncStatus.SYNCED);
    }
}
