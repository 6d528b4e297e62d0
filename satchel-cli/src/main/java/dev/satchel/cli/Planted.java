package dev.satchel.cli;

import dev.satchel.internal.sync.ProtocolRule;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The rules of the protocol that {@code --plant} names. */
final class Planted {
    /** What {@code --plant} without a rule stands for. */
    static final String ALL = "ALL";

    private Planted() {}

    /** A rule by its name, or all of them. */
    static List<ProtocolRule> rules(CommandSpec spec, String name) {
        if (name.equals(ALL)) {
            return List.of(ProtocolRule.values());
        }
        String wanted = name.toUpperCase(Locale.ROOT).replace('-', '_');
        return Arrays.stream(ProtocolRule.values())
                .filter(rule -> rule.name().equals(wanted))
                .findFirst()
                .map(List::of)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "--plant knows no rule \"" + name + "\"; there are "
                                + String.join(
                                        ", ",
                                        Arrays.stream(ProtocolRule.values())
                                                .map(Enum::name)
                                                .toList())));
    }
}
