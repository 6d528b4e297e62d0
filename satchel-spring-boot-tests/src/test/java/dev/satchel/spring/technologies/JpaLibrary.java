package dev.satchel.spring.technologies;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

@Component("jpa")
@Transactional
class JpaLibrary implements Library {
    private final JpaBooks books;

    JpaLibrary(JpaBooks books) {
        this.books = books;
    }

    @Override
    public long add(String isbn, String title) {
        return Objects.requireNonNull(books.saveAndFlush(new JpaBook(isbn, title)).id);
    }

    @Override
    public Optional<String> title(long id) {
        return books.findById(id).map(book -> book.title);
    }

    @Override
    public List<String> titles() {
        return books.findAllByOrderByTitle().stream().map(book -> book.title).toList();
    }

    @Override
    public void rename(long id, String title) {
        books.findById(id).orElseThrow().title = title;
    }

    @Override
    public void remove(long id) {
        books.deleteById(id);
    }

    @Override
    public void addAndFail(String isbn) {
        add(isbn, "never");
        throw new IllegalStateException("after the insert");
    }

    @Override
    @Transactional(readOnly = true)
    public void addReadOnly(String isbn) {
        add(isbn, "never");
    }
}
