package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.spring.web.NodeDrain;
import dev.satchel.spring.web.VersionEvents;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/** Drains this node, some time before it is ended. Apart from {@link SatchelEndpoint}, which changes nothing. */
@Endpoint(id = "satcheldrain")
public final class SatchelDrainEndpoint {
    private final NodeDrain drain;
    private final Satchel satchel;
    private final @Nullable VersionEvents events;

    SatchelDrainEndpoint(NodeDrain drain, Satchel satchel, @Nullable VersionEvents events) {
        this.drain = drain;
        this.satchel = satchel;
        this.events = events;
    }

    /** Whether this node is being drained. */
    @ReadOperation
    public DrainDescriptor state() {
        return new DrainDescriptor(
                drain.isDraining(), satchel.openDatabases(), events == null ? 0 : events.connections());
    }

    /** Begins. */
    @WriteOperation
    public DrainDescriptor begin() {
        drain.begin();
        return state();
    }

    /** Takes requests again. */
    @DeleteOperation
    public DrainDescriptor end() {
        drain.end();
        return state();
    }

    /**
     * How far it is.
     *
     * @param draining whether this node says that it is not ready, and sends its pages elsewhere
     * @param openDatabases how many are open
     * @param listeningPages how many browsers still listen here
     */
    public record DrainDescriptor(boolean draining, int openDatabases, int listeningPages) {}
}
