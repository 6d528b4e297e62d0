package dev.satchel.spring.technologies;

import java.util.List;
import java.util.Optional;

/** A user's books, once with each technology. Every method is a transaction. */
interface Library {
    /** Adds a book; the answer is the key that the database made. */
    long add(String isbn, String title);

    Optional<String> title(long id);

    List<String> titles();

    void rename(long id, String title);

    void remove(long id);

    /** Adds a book and fails afterwards, so that it is not there. */
    void addAndFail(String isbn);

    /** Adds a book in a transaction that is for reading only. */
    void addReadOnly(String isbn);
}
