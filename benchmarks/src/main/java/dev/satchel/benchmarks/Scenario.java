package dev.satchel.benchmarks;

/** One question about the speed of the whole, answered in a few seconds and printed as lines of a table. */
interface Scenario {
    /** For the command line. */
    String name();

    /** What the lines are about, in a sentence. */
    String title();

    /** Measures. Files go into the bench's folder, which is deleted afterwards. */
    void run(Bench bench) throws Exception;
}
