package dev.satchel.examples.reels.web;

/** What the address names is not in the user's library; answered with 404. */
public final class NoSuchThingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Names it.
     *
     * @param kind {@code project}
     * @param id the one asked for
     */
    public NoSuchThingException(String kind, long id) {
        this(kind, Long.toString(id));
    }

    /**
     * Names it.
     *
     * @param kind {@code archived project}
     * @param id the one asked for
     */
    public NoSuchThingException(String kind, String id) {
        super("There is no " + kind + " " + id + ".");
    }
}
