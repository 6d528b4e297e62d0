package dev.satchel.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import dev.satchel.store.PutCondition;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.testkit.cloudflare.LocalR2;
import dev.satchel.testkit.cloudflare.LocalR2Extension;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the contract leaves open, on real stores: prefixes, missing buckets, keys that would not fit. */
@ExtendWith(LocalR2Extension.class)
class S3ObjectStoreIT {
    private static final ObjectBody BODY = ObjectBody.of(new byte[] {1, 2, 3});

    @Test
    void storesWithDifferentPrefixesDoNotMeet(LocalR2 r2) {
        try (ObjectStore one = open(r2.uri("app"), r2.environment());
                ObjectStore other = open(r2.uri("app2/100%25%20prod"), r2.environment());
                ObjectStore all = open(r2.uri(), r2.environment())) {
            one.put("alice/x", BODY, Map.of(), PutCondition.ifAbsent());
            other.put("alice/x", BODY, Map.of(), PutCondition.ifAbsent());

            assertThat(one.list("", "", 10).objects())
                    .extracting(ObjectInfo::key)
                    .containsExactly("alice/x");
            assertThat(other.list("ali", "", 10).objects())
                    .extracting(ObjectInfo::key)
                    .containsExactly("alice/x");
            assertThat(all.list("app", "", 10).objects())
                    .extracting(ObjectInfo::key)
                    .containsExactly("app/alice/x", "app2/100% prod/alice/x");

            one.delete("alice/x");
            assertThat(one.head("alice/x")).isEmpty();
            assertThat(other.head("alice/x")).isPresent();
            other.delete("alice/x");
        }
    }

    @Test
    void prefixLeavesLessRoomForKeys(LocalR2 r2) {
        try (ObjectStore store = open(r2.uri("p".repeat(100)), r2.environment())) {
            String key = "k".repeat(924);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.put(key, BODY, Map.of(), PutCondition.none()))
                    .withMessageContaining("1025 bytes");
        }
    }

    @Test
    void missingBucketOfR2IsNeverAnAbsence(LocalR2 r2) {
        assertBucketMissing("r2://no-such-bucket?endpoint=" + r2.endpoint(), r2.environment());
    }

    @Test
    void missingBucketOfS3ProxyIsNeverAnAbsence() throws Exception {
        try (LocalS3Proxy proxy = LocalS3Proxy.startInMemory()) {
            assertBucketMissing(proxy.uri().replace(LocalS3Proxy.BUCKET, "no-such-bucket"), proxy.environment());
        }
    }

    /** Each operation on a connection of its own: workerd closes one whose body it did not care to read. */
    private static void assertBucketMissing(String uri, Map<String, String> environment) {
        PutCondition ifMatch = PutCondition.ifMatch("\"900150983cd24fb0d6963f7d28e17f72\"");
        for (Consumer<ObjectStore> operation : List.<Consumer<ObjectStore>>of(
                store -> store.get("a"),
                store -> store.head("a"),
                store -> store.put("a", BODY, Map.of(), PutCondition.none()),
                store -> store.put("a", BODY, Map.of(), PutCondition.ifAbsent()),
                store -> store.put("a", BODY, Map.of(), ifMatch),
                store -> store.list("", "", 10),
                store -> store.delete("a"))) {
            try (ObjectStore store = open(uri, environment)) {
                assertThatThrownBy(() -> operation.accept(store))
                        .isInstanceOfSatisfying(
                                StoreException.class,
                                e -> assertThat(e.reason()).as("%s", e).isEqualTo(Reason.REJECTED))
                        .hasMessageContaining("The bucket no-such-bucket does not exist");
            }
        }
    }

    private static ObjectStore open(String uri, Map<String, String> environment) {
        return ObjectStores.open(uri, environment);
    }
}
