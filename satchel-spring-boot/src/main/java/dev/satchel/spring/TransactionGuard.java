package dev.satchel.spring;

import dev.satchel.UserId;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
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
        if (!isPresent("org.springframework.transaction.support.TransactionSynchronizationManager")) {
            return new None();
        }
        boolean jpa = isPresent("org.springframework.orm.jpa.EntityManagerFactoryInfo")
                && isPresent("jakarta.persistence.EntityManagerFactory");
        return new Spring(jpa);
    }

    private static boolean isPresent(String type) {
        return ClassUtils.isPresent(type, TransactionGuard.class.getClassLoader());
    }

    private static final class None extends TransactionGuard {
        @Override
        void refuseIfOpen(UserId wanted) {}
    }

    private static final class Spring extends TransactionGuard {
        private final boolean jpa;

        Spring(boolean jpa) {
            this.jpa = jpa;
        }

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
                if (jpa && Jpa.isOurs(key)) {
                    throw new IllegalStateException(
                            "an EntityManager of another user's database is open on this thread, and what JPA does for"
                                    + " user \"" + wanted
                                    + "\" inside it would be done there: set spring.jpa.open-in-view=false, or end the"
                                    + " work that has opened it first");
                }
            }
        }
    }

    /** Loaded only with JPA. An EntityManager is bound as long as a request if {@code spring.jpa.open-in-view} is not false. */
    private static final class Jpa {
        private Jpa() {}

        static boolean isOurs(Object key) {
            if (!(key instanceof EntityManagerFactoryInfo factory)) {
                return false;
            }
            DataSource dataSource = factory.getDataSource();
            return dataSource != null && TransactionGuard.isOurs(dataSource);
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
