package dev.satchel.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionEvent.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeedMessageTest {
    @Test
    void isReadable() {
        VersionEvent event = new VersionEvent(DatabaseId.of("alice"), Version.of(43), Kind.PUBLISHED, "web 1-4711");

        assertThat(new FeedMessage("a1", event).encode())
                .isEqualTo("satchel/1 a1 published 43 web+1-4711 alice/database");
        assertThat(new FeedMessage("a1", null).encode()).isEqualTo("satchel/1 a1 gap");
    }

    @ParameterizedTest
    @EnumSource
    void isReadAsItWasWritten(Kind kind) {
        VersionEvent event =
                new VersionEvent(DatabaseId.of("Jürgen / 100%", "a b"), Version.of(Long.MAX_VALUE), kind, "hôte-1 x");
        FeedMessage message = new FeedMessage("a1", event);

        assertThat(FeedMessage.parse(message.encode())).isEqualTo(message);
        assertThat(FeedMessage.parse(message.encode() + " something new")).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "satchel/2 a1 published 43 w alice/database",
                "satchel/1 a1 published 43 w",
                "satchel/1 a1 unheard-of 43 w alice/database",
                "satchel/1 a1 published many w alice/database",
                "satchel/1 a1 published -1 w alice/database",
                "satchel/1 a1 published 43 w alice",
                "satchel/1 a1 published 43 % alice/database",
                "satchel/1 a1 published 43 w ../database"
            })
    void refusesWhatIsNoMessage(String text) {
        assertThatThrownBy(() -> FeedMessage.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
