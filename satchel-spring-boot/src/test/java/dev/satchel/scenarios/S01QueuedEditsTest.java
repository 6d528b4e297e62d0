package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.DEFERRED;
import static dev.satchel.scenarios.Applications.items;
import static dev.satchel.spring.boot.ItemsClient.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.RunningItems;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.testkit.ForwardingObjectStore;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("S01 \"Your edits aren't saving\" for edits that were only queued")
class S01QueuedEditsTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    /** Takes its time for every put. */
    private static final class SlowStore extends ForwardingObjectStore {
        SlowStore(ObjectStore delegate) {
            super(delegate);
        }

        @Override
        public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
            pass(300);
            return super.put(key, body, metadata, condition);
        }
    }

    private static void pass(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Test
    void editsThatFollowEachOtherArePendingOrSyncedAndNeverFailed() {
        RunningItems application =
                applications.start(new SlowStore(applications.bucket()), applications.folder("a"), DEFERRED);

        for (String edit : items(40)) {
            HttpResponse<String> answer = application.post("/items", "u", edit);

            assertThat(answer.statusCode()).isEqualTo(201);
            assertThat(status(answer)).isIn("pending", "synced");
            String known = application.get("/actuator/satchel/u", null).body();
            assertThat(known).doesNotContain("failed").doesNotContain("conflict");
            if (known.contains("\"status\":\"synced\"")) {
                assertThat(applications.storedAt("u", applications.head("u"))).endsWith(edit);
            }
            pass(50);
        }

        Applications.await(
                "all is uploaded without a further request",
                () -> application.get("/actuator/satchel/u", null).body().contains("\"status\":\"synced\""));
        assertThat(applications.storedAt("u", applications.head("u"))).isEqualTo(items(40));
        assertThat(status(application.get("/items", "u"))).isEqualTo("synced");
        assertThat(applications.head("u")).isLessThan(40);
    }
}
