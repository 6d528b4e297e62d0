package dev.satchel.spring;

import dev.satchel.UserId;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * Finds an open Spring transaction on our DataSource. Spring binds a transaction's connection to the thread and the DataSource,
 * and the DataSource is the same for all users: work for another user inside it would silently use the first one's connection.
 */
abstract class TransactionGuard {

    /** Throws if a transaction is open on this thread. */
    abstract void refuseIfOpen(UserId wanted);

    static TransactionGuard create() {
        boolean present = ClassUtils.isPresent(
                "org.springframework.transaction.support.TransactionSynchronizationManager",
                TransactionGuard.class.getClassLoader());
        return present ? new Spring() : new None();
    }

    private static final class None extends TransactionGuard {
        @Override
        void refuseIfOpen(UserId wanted) {}
    }

    private static final class Spring extends TransactionGuard {
        @Override
        void refuseIfOpen(UserId wanted) {
            for (Object key : TransactionSynchronizationManager.getResourceMap().keySet()) {
                if (key instanceof DataSource dataSource && isOurs(dataSource)) {
                    throw new IllegalStateException(
                            "a transaction of another user's database is open on this thread, and work for"
                                    + " user \"" + wanted
                                    + "\" inside it would be written there: end the transaction first, or write"
                                    + " with satchel.write(DatabaseId.of(user), session -> ...), which has its own connection");
                }
            }
        }

        private static boolean isOurs(DataSource dataSource) {
            try {
                return dataSource.isWrapperFor(SatchelDataSource.class);
            } catch (SQLException e) {
                return false;
            }
        }
    }
}
