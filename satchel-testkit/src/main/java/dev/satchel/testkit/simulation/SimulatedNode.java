package dev.satchel.testkit.simulation;

import dev.satchel.SatchelConfig;
import dev.satchel.SatchelMetrics;
import dev.satchel.SchemaMigration;
import dev.satchel.VersionFeed;
import dev.satchel.internal.sync.Engine;
import dev.satchel.internal.sync.ProtocolRule;
import dev.satchel.internal.sync.Surroundings;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process on one machine, between its start and its end. Confined to the simulation's thread. */
final class SimulatedNode {
    /** What all nodes share. */
    record World(
            ObjectStore store,
            Random random,
            List<Runnable> late,
            Consumer<Fault> faults,
            Clock clock,
            SatchelConfig config,
            @Nullable SchemaMigration schema,
            int snapshotEvery,
            int partBytes,
            @Nullable ProtocolRule broken) {}

    /** The time that passes for everybody. */
    static final class Clock {
        private long nanos = 1;

        long nanos() {
            return nanos;
        }

        void pass(long more) {
            nanos += more;
        }

        Instant instant() {
            return Instant.ofEpochSecond(1_800_000_000L, nanos);
        }
    }

    private final int number;
    private final int disk;
    private final Path files;
    private final Life life = new Life();
    private final SimulatedDisk simulatedDisk;
    private final SimulatedNetwork network;
    private final Engine engine;
    private final BitSet written = new BitSet();
    private long clockOffset;

    /**
     * Starts a process.
     *
     * @param number of the machine
     * @param disk number of its disk
     * @param files what is on it
     */
    SimulatedNode(World world, int number, int disk, Path files, long clockOffset) throws IOException {
        this.number = number;
        this.disk = disk;
        this.files = files;
        this.clockOffset = clockOffset;
        this.simulatedDisk = new SimulatedDisk(
                files, life, world.random(), () -> world.faults().accept(Fault.DISK_FULL));
        this.network = new SimulatedNetwork(
                world.store(), life, world.random(), world.late(), world.faults(), world.clock()::pass);
        this.engine = Engine.start(
                network,
                simulatedDisk.folder(),
                world.config(),
                SatchelMetrics.NONE,
                () -> world.clock().instant().plusNanos(this.clockOffset),
                "node-" + number,
                world.schema(),
                List.of(),
                VersionFeed.inProcess(),
                new Surroundings(
                        world.clock()::nanos,
                        world.random(),
                        Surroundings.NEVER,
                        (condition, wait) -> {
                            world.clock().pass(wait);
                            return 0;
                        },
                        false,
                        world.snapshotEvery(),
                        world.partBytes(),
                        world.broken() == null ? Set.of() : Set.of(world.broken())));
    }

    int number() {
        return number;
    }

    int diskNumber() {
        return disk;
    }

    Path files() {
        return files;
    }

    Life life() {
        return life;
    }

    SimulatedDisk disk() {
        return simulatedDisk;
    }

    SimulatedNetwork network() {
        return network;
    }

    Engine engine() {
        return engine;
    }

    long clockOffset() {
        return clockOffset;
    }

    /** The wall clock jumps. */
    void jump(long nanos) {
        clockOffset += nanos;
    }

    /** The rows that sessions of this process have written, whatever became of them. */
    BitSet written() {
        return written;
    }

    /** Lets go of everything without another word to the store. */
    void abandon() {
        life.end();
        simulatedDisk.bypass();
        engine.abandon();
    }

    @Override
    public String toString() {
        return "node " + number;
    }
}
