package dev.satchel.benchmarks;

import java.util.concurrent.Callable;

/** {@link LocalRead} in short turns, so that whatever else the machine does hits both sides alike. */
final class LocalReads implements Scenario {
    private static final double LIMIT = 1.3;
    private static final int WARM_UP = 30;
    private static final int ROUNDS = 80;
    private static final int READS = 400;

    @Override
    public String name() {
        return "local-reads";
    }

    @Override
    public String title() {
        return "Reads of the local copy beside the same statements on a plain sqlite-jdbc connection, median of "
                + ROUNDS + " turns";
    }

    @Override
    public void run(Bench bench) throws Exception {
        LocalRead reads = new LocalRead();
        reads.open();
        try {
            Report report = bench.report();
            compare(
                    report,
                    "getConnection, prepare, select by key, close",
                    reads::satchelDataSource,
                    reads::plainPrepare);
            compare(report, "prepare, select by key, close", reads::satchelPrepare, reads::plainPrepare);
            compare(report, "select by key, prepared once", reads::satchelReuse, reads::plainReuse);
            compare(report, "getConnection, list of 15 rows, close", reads::satchelList, reads::plainList);
            Samples[] sides = takeTurns(reads::satchelSession, reads::plainPrepare);
            report.beside(
                    "session, getConnection, prepare, select by key",
                    Report.time(sides[0].p50()),
                    "plain " + Report.time(sides[1].p50()),
                    sides[0].p50() / sides[1].p50());
        } finally {
            reads.close();
        }
    }

    private static void compare(Report report, String measured, Callable<Integer> ours, Callable<Integer> plain)
            throws Exception {
        Samples[] sides = takeTurns(ours, plain);
        report.atMostTimes(
                measured,
                Report.time(sides[0].p50()),
                "plain " + Report.time(sides[1].p50()),
                sides[0].p50() / sides[1].p50(),
                LIMIT);
    }

    private static Samples[] takeTurns(Callable<Integer> ours, Callable<Integer> theirs) throws Exception {
        Samples[] sides = {new Samples(), new Samples()};
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            double our = turn(ours);
            double their = turn(theirs);
            if (round >= 0) {
                sides[0].add(our);
                sides[1].add(their);
            }
        }
        return sides;
    }

    private static double turn(Callable<Integer> read) throws Exception {
        int sum = 0;
        long start = System.nanoTime();
        for (int i = 0; i < READS; i++) {
            sum += read.call();
        }
        double each = (double) (System.nanoTime() - start) / READS;
        if (sum == 0) {
            throw new IllegalStateException("nothing was read");
        }
        return each;
    }
}
