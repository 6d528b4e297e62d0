package dev.satchel.scenarios;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.Version;
import dev.satchel.internal.sync.Sql;
import dev.satchel.store.DirectoryObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that follows a database and reads it meanwhile, until it is killed. Arguments: the bucket's folder, its own. */
final class ReplacingProcess {
    private ReplacingProcess() {}

    public static void main(String[] args) throws IOException {
        Satchel satchel = Satchel.builder(new DirectoryObjectStore(Path.of(args[0]), false), Path.of(args[1]))
                .build();
        DatabaseId id = W03SwappedFileTest.ID;
        satchel.open(id).close();
        for (int i = 0; i < 2; i++) {
            new Thread(() -> read(satchel, id)).start();
        }
        new Thread(() -> follow(satchel, id)).start();
        while (System.in.read() >= 0) {
            // Ends with the test, if that does not kill it.
        }
        Runtime.getRuntime().halt(0);
    }

    private static void follow(Satchel satchel, DatabaseId id) {
        say("ready");
        Version last = satchel.status(id).orElseThrow().version();
        while (true) {
            try (Session session = satchel.open(id)) {
                if (session.version().compareTo(last) > 0) {
                    last = session.version();
                    say("replaced");
                }
            } catch (RuntimeException e) {
                say("broken " + e);
            }
        }
    }

    private static void read(Satchel satchel, DatabaseId id) {
        while (true) {
            try (Session session = satchel.open(id, Freshness.local(), Durability.DURABLE)) {
                List<String> values = Sql.query(session, W03SwappedFileTest.VALUES);
                if (values.size() != 1) {
                    say("broken " + values);
                }
            } catch (RuntimeException e) {
                say("broken " + e);
            }
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
