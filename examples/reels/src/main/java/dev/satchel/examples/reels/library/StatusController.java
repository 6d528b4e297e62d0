package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.satchel.DatabaseStatus;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.SyncStatus;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchivedEntry;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.UserContext;
import java.sql.SQLException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How the current user's database stands to the store. */
@RestController
class StatusController {
    private final Satchel satchel;
    private final UserContext context;
    private final Archive archive;

    StatusController(Satchel satchel, UserContext context, Archive archive) {
        this.satchel = satchel;
        this.context = context;
        this.archive = archive;
    }

    /** Looks at what is archived and opens the request's session: each compares this server's copy with the store. */
    @GetMapping("/api/status")
    Status status() throws SQLException {
        UnitOfWork unit = context.unit().orElseThrow();
        long archived = archive.list(unit.database()).stream()
                .mapToLong(ArchivedEntry::bytes)
                .sum();
        Session session = unit.session();
        return satchel.status(session.database())
                .map(status -> Status.of(status, archived))
                .orElseGet(() -> new Status(session.version().number(), SyncStatus.SYNCED.token(), 0, archived));
    }

    /**
     * What a client is told.
     *
     * @param version the newest version there is
     * @param status {@code synced}, {@code pending}, {@code failed}, {@code unknown} or {@code conflict}
     * @param size of the database in bytes
     * @param archived how many bytes of projects are in the archive instead
     */
    @JsonPropertyOrder({"version", "status", "size", "archived"})
    record Status(long version, String status, long size, long archived) {
        static Status of(DatabaseStatus status, long archived) {
            return new Status(status.version().number(), status.status().token(), status.sizeBytes(), archived);
        }
    }
}
