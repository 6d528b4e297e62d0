package dev.satchel.spring.schema;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/**
 * A connection as a migration tool wants one, with transactions to commit and roll back, inside a transaction that is somebody
 * else's: each of the tool's is a savepoint. What the tool has committed is there once the outer transaction is, or not at all.
 * Closing it does nothing. Confined to one thread.
 */
final class InnerConnection implements InvocationHandler {
    private final Connection outer;
    private boolean autoCommit = true;
    private @Nullable Savepoint begin;

    private InnerConnection(Connection outer) {
        this.outer = outer;
    }

    /** A view of a connection in whose transaction everything happens. */
    static Connection of(Connection outer) {
        return (Connection) Proxy.newProxyInstance(
                InnerConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, new InnerConnection(outer));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        int count = arguments == null ? 0 : arguments.length;
        switch (method.getName()) {
            case "close" -> {
                return null;
            }
            case "isClosed" -> {
                return false;
            }
            case "getAutoCommit" -> {
                return autoCommit;
            }
            case "setAutoCommit" -> {
                setAutoCommit(arguments != null && (boolean) arguments[0]);
                return null;
            }
            case "commit" -> {
                end();
                return null;
            }
            case "rollback" -> {
                if (count == 0) {
                    rollback();
                    return null;
                }
            }
            case "setReadOnly", "setTransactionIsolation" -> {
                return null;
            }
            case "equals" -> {
                return arguments != null && isSame(proxy, arguments[0]);
            }
            case "hashCode" -> {
                return System.identityHashCode(proxy);
            }
            default -> {}
        }
        try {
            return method.invoke(outer, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private void setAutoCommit(boolean wanted) throws SQLException {
        if (wanted && begin != null) {
            outer.releaseSavepoint(begin);
            begin = null;
        } else if (!wanted && begin == null) {
            begin = outer.setSavepoint();
        }
        autoCommit = wanted;
    }

    private void end() throws SQLException {
        if (begin != null) {
            outer.releaseSavepoint(begin);
            begin = outer.setSavepoint();
        }
    }

    private void rollback() throws SQLException {
        if (begin != null) {
            outer.rollback(begin);
            outer.releaseSavepoint(begin);
            begin = outer.setSavepoint();
        }
    }

    @SuppressWarnings("ReferenceEquality") // A connection equals itself only, as the driver's own.
    private static boolean isSame(Object proxy, Object other) {
        return proxy == other;
    }
}
