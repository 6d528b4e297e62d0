package dev.satchel.cli;

import dev.satchel.Version;
import dev.satchel.VersionInfo;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A version as JSON, with the same fields wherever one appears. */
final class VersionFields {
    private VersionFields() {}

    static Json add(Json object, VersionInfo info) {
        object.with("version", info.version().number())
                .with("timestamp", info.timestamp())
                .with("writer", info.writer())
                .with("commitId", info.commitId())
                .with("databaseBytes", info.databaseBytes());
        info.commitBytes().ifPresent(bytes -> object.with("commitBytes", bytes));
        return object;
    }

    /** The version that an option names, which must be one with content. */
    static Version parse(CommandSpec spec, String text) {
        try {
            Version parsed = Version.parse(text);
            if (!parsed.isNone()) {
                return parsed;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw new ParameterException(
                spec.commandLine(), "--version must be a whole number from 1 on: \"" + text + "\"");
    }
}
