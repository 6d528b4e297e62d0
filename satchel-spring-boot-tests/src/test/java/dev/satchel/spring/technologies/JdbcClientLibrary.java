package dev.satchel.spring.technologies;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

@Component("jdbc-client")
@Transactional
class JdbcClientLibrary implements Library {
    private final JdbcClient jdbc;

    JdbcClientLibrary(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public long add(String isbn, String title) {
        GeneratedKeyHolder key = new GeneratedKeyHolder();
        jdbc.sql("insert into book (isbn, title) values (?, ?)")
                .params(isbn, title)
                .update(key);
        return Objects.requireNonNull(key.getKey()).longValue();
    }

    @Override
    public Optional<String> title(long id) {
        return jdbc.sql("select title from book where id = ?")
                .param(id)
                .query(String.class)
                .optional();
    }

    @Override
    public List<String> titles() {
        return jdbc.sql("select title from book order by title")
                .query(String.class)
                .list();
    }

    @Override
    public void rename(long id, String title) {
        jdbc.sql("update book set title = ? where id = ?").params(title, id).update();
    }

    @Override
    public void remove(long id) {
        jdbc.sql("delete from book where id = ?").param(id).update();
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
