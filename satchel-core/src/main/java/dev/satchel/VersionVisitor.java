package dev.satchel;

import java.sql.Connection;
import java.sql.SQLException;

/** Is shown versions of a database, one after the other; see {@link Satchel#visitHistory}. */
@FunctionalInterface
public interface VersionVisitor {
    /**
     * Looks at a version.
     *
     * @param version a connection that can only read, and is closed afterwards
     * @return false to be shown no more
     */
    boolean visit(Connection version) throws SQLException;
}
