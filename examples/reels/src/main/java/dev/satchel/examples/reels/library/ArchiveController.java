package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Satchel;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveReport;
import dev.satchel.archive.ArchivedEntry;
import dev.satchel.examples.reels.web.NoSuchThingException;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.UserContext;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The current user's archived projects. The archive works in sessions of its own; the request's session is opened after it, so that
 * the answer tells the version that it made.
 */
@RestController
@RequestMapping("/api/archive")
class ArchiveController {
    private final Archive archive;
    private final Satchel satchel;
    private final UserContext context;

    ArchiveController(Archive archive, Satchel satchel, UserContext context) {
        this.archive = archive;
        this.satchel = satchel;
        this.context = context;
    }

    @GetMapping
    Shelf list() throws SQLException {
        UnitOfWork unit = context.unit().orElseThrow();
        return shelf(unit, archive.list(unit.database()));
    }

    /** Archives now what the rules say. */
    @PostMapping
    Run run() throws SQLException {
        UnitOfWork unit = context.unit().orElseThrow();
        ArchiveReport report = archive.run(unit.database());
        return new Run(
                report.archived().size(),
                report.rows(),
                report.bytesBefore(),
                report.bytesAfter(),
                shelf(unit, archive.list(unit.database())));
    }

    /** Brings a project back, with its clips. */
    @PostMapping("/{batch}/restore")
    Shelf restore(@PathVariable String batch) throws SQLException {
        UnitOfWork unit = context.unit().orElseThrow();
        DatabaseId database = unit.database();
        ArchivedEntry entry = archive.list(database).stream()
                .filter(one -> one.batch().toString().equals(batch))
                .findFirst()
                .orElseThrow(() -> new NoSuchThingException("archived project", batch));
        archive.restore(database, entry.batch());
        return shelf(unit, archive.list(database));
    }

    private Shelf shelf(UnitOfWork unit, List<ArchivedEntry> entries) {
        unit.session();
        long size =
                satchel.status(unit.database()).map(DatabaseStatus::sizeBytes).orElse(0L);
        return new Shelf(
                size,
                entries.stream().mapToLong(ArchivedEntry::bytes).sum(),
                entries.stream().map(ArchivedProject::of).toList());
    }

    /**
     * What is where.
     *
     * @param size of the database in bytes
     * @param archived how many bytes of projects are in the archive instead
     * @param projects the archived ones, the oldest first
     */
    @JsonPropertyOrder({"size", "archived", "projects"})
    record Shelf(long size, long archived, List<ArchivedProject> projects) {}

    /**
     * What was archived now.
     *
     * @param projects how many
     * @param rows theirs and their clips'
     * @param sizeBefore of the database in bytes
     * @param sizeAfter of the database in bytes
     * @param archive what is archived in all
     */
    @JsonPropertyOrder({"projects", "rows", "sizeBefore", "sizeAfter", "archive"})
    record Run(int projects, int rows, long sizeBefore, long sizeAfter, Shelf archive) {}

    /**
     * A project in the archive.
     *
     * @param batch names it there
     * @param rows its own and its clips'
     */
    @JsonPropertyOrder({"batch", "name", "rows", "bytes", "archivedAt"})
    record ArchivedProject(String batch, String name, int rows, long bytes, Instant archivedAt) {
        static ArchivedProject of(ArchivedEntry entry) {
            return new ArchivedProject(
                    entry.batch().value(), entry.label().orElse(""), entry.rows(), entry.bytes(), entry.archivedAt());
        }
    }
}
