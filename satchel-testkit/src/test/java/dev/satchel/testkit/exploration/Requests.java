package dev.satchel.testkit.exploration;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.ForwardingObjectStore;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A node's way to the store: each request waits until it is chosen, and meets the outcome that was chosen for it. */
final class Requests extends ForwardingObjectStore {
    private final ExploredNode node;
    private boolean dead;

    Requests(ObjectStore store, ExploredNode node) {
        super(store);
        this.node = node;
    }

    /** The process has died in the middle of a request. */
    static final class Died extends Error {
        private static final long serialVersionUID = 1L;

        Died() {
            super("the process died", null, false, false);
        }
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        return request(Operation.GET, key, () -> delegate().get(key, range));
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return request(Operation.HEAD, key, () -> delegate().head(key));
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        ObjectBody copy = copy(body);
        return request(Operation.PUT, key, () -> {
            PutResult result = delegate().put(key, copy, metadata, condition);
            if (result instanceof PutResult.Stored) {
                node.stored(key, metadata);
            }
            return result;
        });
    }

    /** A late request needs its bytes after the put has returned to its caller. */
    private static ObjectBody copy(ObjectBody body) {
        try (InputStream in = body.open()) {
            return ObjectBody.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return request(Operation.LIST, prefix, () -> delegate().list(prefix, startAfter, limit));
    }

    @Override
    public void delete(String key) {
        request(Operation.DELETE, key, () -> {
            delegate().delete(key);
            return Boolean.TRUE;
        });
    }

    private <T> T request(Operation operation, String key, Supplier<T> request) {
        if (dead) {
            throw new StoreException(Reason.DENIED, "the process is dead", null);
        }
        Outcome outcome = node.turn().await(operation, key);
        node.tick();
        switch (outcome) {
            case ANSWERED -> {
                return request.get();
            }
            case SLOW -> {
                node.pass(ExploredNode.LONGER_THAN_ANY_WINDOW);
                return request.get();
            }
            case ANSWER_LOST -> {
                request.get();
                throw unknown("answer lost");
            }
            case LATE -> {
                node.late(operation, key, request::get);
                throw unknown("still under way");
            }
            case LOST -> throw unknown("time-out");
            case NOT_SENT -> throw new StoreException(Reason.NOT_SENT, "connection refused", null);
            case REFUSED -> throw new StoreException(Reason.DENIED, "403", null);
            case DIES_BEFORE -> throw died();
            case DIES_AFTER -> {
                request.get();
                throw died();
            }
            default -> {
                node.late(operation, key, request::get);
                throw died();
            }
        }
    }

    private static StoreException unknown(String why) {
        return new StoreException(Reason.UNKNOWN_OUTCOME, why, null);
    }

    private Died died() {
        dead = true;
        return new Died();
    }
}
