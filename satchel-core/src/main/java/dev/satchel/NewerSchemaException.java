package dev.satchel;

/**
 * The database's schema was migrated by a newer application than the one on this machine, so that it can be read here and not
 * written. Nothing was changed. Where it comes out of a JDBC method it is the cause of the {@link java.sql.SQLException}.
 */
public final class NewerSchemaException extends SatchelException {
    private static final long serialVersionUID = 1L;

    private final int known;
    private final int found;

    /**
     * Names both.
     *
     * @param known the {@code user_version} that this application needs
     * @param found the one that the database has
     */
    public NewerSchemaException(DatabaseId database, int known, int found) {
        super(
                "database " + database + " has schema version " + found
                        + ", written by a newer application; this node knows versions up to " + known
                        + " and may read it, but not write it. Bring this node to the newer application, or use a node that has it",
                null);
        this.known = known;
        this.found = found;
    }

    /** The {@code user_version} that this application needs. */
    public int known() {
        return known;
    }

    /** The {@code user_version} that the database has. */
    public int found() {
        return found;
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
