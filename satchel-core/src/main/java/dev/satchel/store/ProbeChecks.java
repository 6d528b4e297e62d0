package dev.satchel.store;

import dev.satchel.store.ProbeReport.Check;
import dev.satchel.store.ProbeReport.Need;
import dev.satchel.store.StoreException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Makes experiments, one after the other, and writes down what came of them. Confined to one thread. */
final class ProbeChecks {
    /** One experiment; returns what was seen. */
    interface Experiment {
        String run();
    }

    static final String USE_ANOTHER_STORE = "Satchel cannot keep its promises on this store: two nodes would overwrite"
            + " each other's changes unnoticed. Use one that passes: Cloudflare R2, AWS S3, a local folder; or upgrade it.";
    static final String NO_OBJECT_STORE =
            "This is not an object store that Satchel can use, or a proxy in front of it changes requests.";
    static final String CORRUPTS =
            "Something between Satchel and the store changes bodies: a proxy, or the store does not understand how they are"
                    + " sent. " + USE_ANOTHER_STORE;
    static final String STALE = "What one machine has stored another would not see: caches, or copies that are made"
            + " later. Turn that off, or use another store.";

    private final ProbeAccess access;
    private final Consumer<String> beginning;
    private final List<Check> checks = new ArrayList<>();
    private int counted;

    /**
     * No experiments yet.
     *
     * @param beginning told the name of each experiment before it is made
     */
    ProbeChecks(ProbeAccess access, Consumer<String> beginning) {
        this.access = access;
        this.beginning = beginning;
    }

    ProbeReport report() {
        return new ProbeReport(access.location(), checks);
    }

    /** Something that the store must do; whether it does. */
    boolean require(String name, String advice, Experiment experiment) {
        return check(name, Need.REQUIRED, advice, experiment);
    }

    /** Something that the store should do. */
    void recommend(String name, String advice, Experiment experiment) {
        check(name, Need.RECOMMENDED, advice, experiment);
    }

    /** Something that stores do in their own ways. */
    void observe(String name, Experiment experiment) {
        check(name, Need.OBSERVED, NO_OBJECT_STORE, experiment);
    }

    private boolean check(String name, Need need, String advice, Experiment experiment) {
        beginning.accept(name);
        boolean passed = false;
        String detail;
        String todo = advice;
        try {
            detail = experiment.run();
            passed = true;
            todo = "";
        } catch (ProbeFinding e) {
            detail = "the store " + e.getMessage();
        } catch (StoreException e) {
            detail = String.valueOf(e.getMessage());
            todo = advice(e.reason(), advice);
        }
        int now = access.requests();
        checks.add(new Check(name, need, passed, detail, todo, now - counted));
        counted = now;
        return passed;
    }

    private static String advice(Reason reason, String otherwise) {
        return switch (reason) {
            case DENIED ->
                "Give the credentials the right to get, put, list and delete objects of this bucket, and check that"
                        + " they belong to it.";
            case NOT_SENT -> "Check the address, the network and the name service.";
            case UNKNOWN_OUTCOME, THROTTLED ->
                "Try again; if it stays, check the network and the state of the service.";
            case IO -> "Check the folder: its permissions, and the space on its disk.";
            case REJECTED, DAMAGED -> otherwise;
        };
    }
}
