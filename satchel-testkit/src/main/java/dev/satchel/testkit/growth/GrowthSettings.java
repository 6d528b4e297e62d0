package dev.satchel.testkit.growth;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is measured, and where.
 *
 * @param sizes of the database in bytes, ascending
 * @param store as a folder or URI
 * @param environment where the store's credentials are, if it needs any
 * @param changes how many are measured at each size
 * @param openings how often a database is opened at each size; half as often a large one
 * @param heapMegabytes what the process may take that opens the database without a copy
 * @param folder for local copies; left empty
 * @param user whose database is made, and removed at the end
 */
public record GrowthSettings(
        List<Long> sizes,
        String store,
        Map<String, String> environment,
        int changes,
        int openings,
        int heapMegabytes,
        Path folder,
        String user) {
    /** Changes at each size, unless told otherwise. */
    public static final int CHANGES = 100;
    /** Openings at each size, unless told otherwise. */
    public static final int OPENINGS = 4;

    /** The heap of the process that opens, unless told otherwise. */
    public static final int HEAP_MEGABYTES = 128;

    /** Copies, and checks the sizes. */
    public GrowthSettings {
        sizes = sizes.stream().sorted().distinct().toList();
        environment = Map.copyOf(environment);
        if (sizes.isEmpty() || sizes.get(0) <= 0) {
            throw new IllegalArgumentException("sizes must be greater than 0: " + sizes);
        }
    }
}
