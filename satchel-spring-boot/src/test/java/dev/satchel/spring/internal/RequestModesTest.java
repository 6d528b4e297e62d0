package dev.satchel.spring.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Version;
import dev.satchel.spring.web.EndpointMode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestModesTest {
    private static final Freshness FIVE_SECONDS = Freshness.within(Duration.ofSeconds(5));

    /** Every combination; "5s+7" is 5s and version 7 besides. The bookmark is 7, the resolver's is 9. */
    @ParameterizedTest(name = "resolver {0}, endpoint {1}, configured {2}: {3}, with a bookmark {4}")
    @CsvSource({
        // resolver, endpoint, configured, without a bookmark, with one
        "-,      -,      latest, latest, latest",
        "-,      -,      5s,     5s,     5s+7",
        "-,      -,      local,  local,  7",
        "-,      latest, latest, latest, latest",
        "-,      latest, 5s,     latest, latest",
        "-,      latest, local,  latest, latest",
        "-,      5s,     latest, 5s,     5s+7",
        "-,      5s,     5s,     5s,     5s+7",
        "-,      5s,     local,  5s,     5s+7",
        "-,      local,  latest, local,  7",
        "-,      local,  5s,     local,  7",
        "-,      local,  local,  local,  7",
        "latest, -,      latest, latest, latest",
        "latest, -,      5s,     latest, latest",
        "latest, -,      local,  latest, latest",
        "latest, latest, local,  latest, latest",
        "latest, 5s,     local,  latest, latest",
        "latest, local,  5s,     latest, latest",
        "5s,     -,      latest, 5s,     5s+7",
        "5s,     -,      5s,     5s,     5s+7",
        "5s,     -,      local,  5s,     5s+7",
        "5s,     latest, local,  5s,     5s+7",
        "5s,     5s,     local,  5s,     5s+7",
        "5s,     local,  latest, 5s,     5s+7",
        "local,  -,      latest, local,  7",
        "local,  -,      5s,     local,  7",
        "local,  -,      local,  local,  7",
        "local,  latest, local,  local,  7",
        "local,  5s,     latest, local,  7",
        "local,  local,  5s,     local,  7",
        "9,      -,      latest, 9,      9",
        "9,      -,      5s,     9,      9",
        "9,      -,      local,  9,      9",
        "9,      latest, local,  latest, latest",
        "9,      5s,     local,  5s+9,   5s+9",
        "9,      local,  latest, 9,      9",
    })
    void bookmarkIsHadBesidesAndTakesNothingAway(
            String resolved, String endpoint, String configured, String without, String with) {
        Freshness wanted = freshness(configured);

        assertThat(RequestModes.freshness(parse(resolved), parse(endpoint), wanted, null))
                .isEqualTo(parse(without));
        assertThat(RequestModes.freshness(parse(resolved), parse(endpoint), wanted, Version.of(7)))
                .isEqualTo(parse(with));
    }

    @Test
    void newerOfTwoBookmarksCounts() {
        assertThat(RequestModes.freshness(
                        Freshness.atLeast(Version.of(9)), FIVE_SECONDS, Freshness.local(), Version.of(12)))
                .isEqualTo(FIVE_SECONDS.andAtLeast(Version.of(12)));
        assertThat(RequestModes.freshness(Freshness.atLeast(Version.of(9)), null, Freshness.latest(), Version.of(12)))
                .isEqualTo(Freshness.atLeast(Version.of(12)));
    }

    @Test
    void bookmarkOfNoVersionIsNone() {
        assertThat(RequestModes.freshness(null, null, Freshness.local(), Version.NONE))
                .isEqualTo(Freshness.local());
    }

    @Test
    void annotationGoesBeforeThePathAndThePathBeforeWhatIsConfigured() {
        EndpointMode reports = EndpointMode.of("/reports/**", FIVE_SECONDS, Durability.DEFERRED);
        RequestModes modes = new RequestModes(null, null, reports, Freshness.latest(), Durability.DURABLE);

        assertThat(modes.freshness()).isEqualTo(FIVE_SECONDS);
        assertThat(modes.durability()).isEqualTo(Durability.DEFERRED);

        modes.annotated(Freshness.local(), Durability.DURABLE);

        assertThat(modes.freshness()).isEqualTo(Freshness.local());
        assertThat(modes.durability()).isEqualTo(Durability.DURABLE);
    }

    private static @Nullable Freshness parse(String text) {
        return text.equals("-") ? null : freshness(text);
    }

    private static Freshness freshness(String text) {
        return switch (text) {
            case "latest" -> Freshness.latest();
            case "local" -> Freshness.local();
            case "5s" -> FIVE_SECONDS;
            default ->
                text.startsWith("5s+")
                        ? FIVE_SECONDS.andAtLeast(Version.parse(text.substring(3)))
                        : Freshness.atLeast(Version.parse(text));
        };
    }
}
