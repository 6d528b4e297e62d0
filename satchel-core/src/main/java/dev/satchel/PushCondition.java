package dev.satchel;

import java.util.Objects;

/** When a pushed file may become the next version. */
public sealed interface PushCondition {

    /**
     * Replaces the newest version there is when the push begins. If another machine commits before it ends, it fails with
     * {@link ConflictException}. The default.
     */
    static PushCondition uncontested() {
        return Uncontested.INSTANCE;
    }

    /**
     * Only if the newest version is still this one, as when the file was pulled from it; {@link ConflictException} if not.
     *
     * @param version {@link Version#NONE} if the database must not exist yet
     */
    static PushCondition ifHead(Version version) {
        return new IfHead(version);
    }

    /** Replaces whatever is the newest version, as often as another machine is faster. What is replaced stays in the log. */
    static PushCondition force() {
        return Force.INSTANCE;
    }

    /** See {@link #uncontested()}. */
    enum Uncontested implements PushCondition {
        /** The only one. */
        INSTANCE
    }

    /**
     * See {@link #ifHead}.
     *
     * @param version what the file is based on
     */
    record IfHead(Version version) implements PushCondition {
        /** Checks for null. */
        public IfHead {
            Objects.requireNonNull(version, "version");
        }
    }

    /** See {@link #force()}. */
    enum Force implements PushCondition {
        /** The only one. */
        INSTANCE
    }
}
