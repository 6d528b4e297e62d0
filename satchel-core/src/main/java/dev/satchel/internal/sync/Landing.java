package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.log.Provenance;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What it means that a commit was put into a slot that was free, when it is long since anybody looked: retention may have
 * reclaimed the slot's number.
 *
 * @param standing whether it counts
 * @param image the image in the store; null if there is none, or it is damaged
 * @param imageIsDamaged whether it is
 */
record Landing(Standing standing, @Nullable ImageInfo image, boolean imageIsDamaged) {
    /** Whether a commit counts. */
    enum Standing {
        /** It is the newest version, unless somebody has been quick. */
        NEWEST,
        /** It is a version, and was put again after retention had removed it; there are later ones. */
        CONTINUED,
        /** It is beside the history: its number had been used, and it is in nobody's way if it is removed. */
        RECLAIMED,
        /** It is gone again, and so is what came after it: it was a version that retention has removed since, or none. */
        UNKNOWN;

        boolean isVersion() {
            return this == NEWEST || this == CONTINUED;
        }
    }

    /** Whether a slot's number, if it is free, has been used before. One request or two. */
    static boolean isReclaimed(DatabaseLog log, Commit toBeSent) {
        try {
            return log.image()
                    .filter(image -> image.version() >= toBeSent.version())
                    .isPresent();
        } catch (CorruptException e) {
            log.passedOver(e);
            return !log.commitsAfter(toBeSent.version() - 1).isEmpty();
        }
    }

    /** Looks at the store after a commit was put. One to three requests. */
    static Landing of(DatabaseLog log, Provenance sent) {
        ImageInfo image;
        try {
            image = log.image().orElse(null);
        } catch (CorruptException e) {
            log.passedOver(e);
            // The newest version is never removed from a log: a slot that had been used has others behind it.
            boolean isNewest = log.commitsAfter(sent.version()).isEmpty();
            return new Landing(isNewest ? Standing.NEWEST : behind(log, sent), null, true);
        }
        return new Landing(standing(log, sent, image), image, false);
    }

    private static Standing standing(DatabaseLog log, Provenance sent, @Nullable ImageInfo image) {
        if (image == null || image.version() < sent.version()) {
            return Standing.NEWEST;
        }
        if (image.version() == sent.version()) {
            return image.provenance().commitId().equals(sent.commitId()) ? Standing.CONTINUED : Standing.RECLAIMED;
        }
        return behind(log, sent);
    }

    /** There are later versions. Commits are removed oldest first: as long as this one is there, so is what continued it. */
    private static Standing behind(DatabaseLog log, Provenance sent) {
        Optional<Provenance> next = log.commitProvenance(sent.version() + 1);
        if (next.isPresent()) {
            boolean continuesIt = next.get().parentChecksum() == sent.checksum();
            return continuesIt ? Standing.CONTINUED : Standing.RECLAIMED;
        }
        boolean isThere = log.commitProvenance(sent.version())
                .filter(found -> found.commitId().equals(sent.commitId()))
                .isPresent();
        return isThere ? Standing.RECLAIMED : Standing.UNKNOWN;
    }
}
