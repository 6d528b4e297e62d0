package dev.satchel.spring.technologies;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

@Component("spring-data-jdbc")
@Transactional
class DataJdbcLibrary implements Library {
    private final DataBooks books;

    DataJdbcLibrary(DataBooks books) {
        this.books = books;
    }

    @Override
    public long add(String isbn, String title) {
        return Objects.requireNonNull(
                books.save(new DataBook(null, isbn, title)).id());
    }

    @Override
    public Optional<String> title(long id) {
        return books.findById(id).map(DataBook::title);
    }

    @Override
    public List<String> titles() {
        return books.findAllByOrderByTitle().stream().map(DataBook::title).toList();
    }

    @Override
    public void rename(long id, String title) {
        DataBook book = books.findById(id).orElseThrow();
        books.save(new DataBook(book.id(), book.isbn(), title));
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
