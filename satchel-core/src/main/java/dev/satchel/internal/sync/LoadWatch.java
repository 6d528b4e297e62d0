package dev.satchel.internal.sync;

/** Is told how far the loading of a database is. Called from several threads at once. */
interface LoadWatch {
    /** Tells nobody. */
    LoadWatch NOBODY = new LoadWatch() {
        @Override
        public void begin(long bytes, long there) {}

        @Override
        public void arrived(long bytes) {}
    };

    /**
     * A large object is on its way.
     *
     * @param bytes of it in all
     * @param there of which are here already, since an earlier attempt broke off
     */
    void begin(long bytes, long there);

    /** So many more bytes are here, or fewer, if a part of them has to come again. */
    void arrived(long bytes);
}
