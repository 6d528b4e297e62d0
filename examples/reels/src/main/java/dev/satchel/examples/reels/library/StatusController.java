package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.satchel.DatabaseStatus;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.SyncStatus;
import dev.satchel.spring.UserContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How the current user's database stands to the store. */
@RestController
class StatusController {
    private final Satchel satchel;
    private final UserContext context;

    StatusController(Satchel satchel, UserContext context) {
        this.satchel = satchel;
        this.context = context;
    }

    /** Opens the request's session, which compares this server's copy with the store: one store request. */
    @GetMapping("/api/status")
    Status status() {
        Session session = context.unit().orElseThrow().session();
        return satchel.status(session.database())
                .map(Status::of)
                .orElseGet(() -> new Status(session.version().number(), SyncStatus.SYNCED.token(), 0));
    }

    /**
     * What a client is told.
     *
     * @param version the newest version there is
     * @param status {@code synced}, {@code pending}, {@code failed}, {@code unknown} or {@code conflict}
     * @param size of the database in bytes
     */
    @JsonPropertyOrder({"version", "status", "size"})
    record Status(long version, String status, long size) {
        static Status of(DatabaseStatus status) {
            return new Status(status.version().number(), status.status().token(), status.sizeBytes());
        }
    }
}
