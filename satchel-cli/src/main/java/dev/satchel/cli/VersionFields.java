package dev.satchel.cli;

import dev.satchel.VersionInfo;

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
}
