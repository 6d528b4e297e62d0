package dev.satchel.archive;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Root rows and what belongs to them, as one transaction saw them; or why they cannot be archived.
 *
 * @param roots keys of the root rows
 * @param label what the rule's label says of them
 * @param batch the rows; null if they cannot be archived
 * @param keys the keys of all rows by table, those that are referred to first
 * @param why why they cannot be archived; null if they can
 */
record Graph(
        List<List<Cell>> roots,
        Optional<String> label,
        @Nullable ArchiveBatch batch,
        Map<LiveTable, List<List<Cell>>> keys,
        @Nullable LeftBehind why) {}
