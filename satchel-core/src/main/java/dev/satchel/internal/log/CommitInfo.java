package dev.satchel.internal.log;

/**
 * A commit object without its pages.
 *
 * @param provenance what its metadata says
 * @param size bytes of the object
 * @param databaseBytes size of the database at that version
 */
public record CommitInfo(Provenance provenance, long size, long databaseBytes) {}
