package dev.satchel.archive;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a database has archived, as its ledger tells it.
 *
 * @param batch where the rows are
 * @param rule by which rule
 * @param tier the {@link ArchiveTier#name() name} of the tier that has them
 * @param keys the keys of the rule's rows, as text: numbers and blobs ({@code x'01ff'}) as SQL has them, a text as it is, or in
 *     quotes if it could be taken for something else, the columns of one key joined by a comma and a space
 * @param label what the rule's label said of them; empty if it has none
 * @param rows how many rows, of all tables
 * @param bytes the size of the batch
 * @param digest of the batch, 64 hexadecimal digits
 * @param archivedAt when, by the clock of the node that did it
 */
public record ArchivedEntry(
        BatchId batch,
        String rule,
        String tier,
        List<String> keys,
        Optional<String> label,
        int rows,
        long bytes,
        String digest,
        Instant archivedAt) {
    /** Checks for nulls and copies the list. */
    public ArchivedEntry {
        Objects.requireNonNull(batch, "batch");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(tier, "tier");
        keys = List.copyOf(keys);
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(digest, "digest");
        Objects.requireNonNull(archivedAt, "archivedAt");
    }
}
