package dev.satchel.spring.technologies;

import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

@Component("mybatis")
@Transactional
class MyBatisLibrary implements Library {
    private final MyBatisBooks books;

    MyBatisLibrary(MyBatisBooks books) {
        this.books = books;
    }

    @Override
    public long add(String isbn, String title) {
        MyBatisBook book = new MyBatisBook(isbn, title);
        books.insert(book);
        return book.getId();
    }

    @Override
    public Optional<String> title(long id) {
        return books.title(id);
    }

    @Override
    public List<String> titles() {
        return books.titles();
    }

    @Override
    public void rename(long id, String title) {
        books.rename(id, title);
    }

    @Override
    public void remove(long id) {
        books.delete(id);
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
