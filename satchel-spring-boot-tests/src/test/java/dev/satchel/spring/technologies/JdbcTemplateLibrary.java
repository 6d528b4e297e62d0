package dev.satchel.spring.technologies;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.SimpleJdbcInsert;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

@Component("jdbc-template")
@Transactional
class JdbcTemplateLibrary implements Library {
    private final JdbcTemplate jdbc;
    private final SimpleJdbcInsert insert;

    JdbcTemplateLibrary(JdbcTemplate jdbc, DataSource dataSource) {
        this.jdbc = jdbc;
        this.insert = new SimpleJdbcInsert(dataSource)
                .withTableName("book")
                .usingColumns("isbn", "title")
                .usingGeneratedKeyColumns("id");
    }

    @Override
    public long add(String isbn, String title) {
        return insert.executeAndReturnKey(Map.of("isbn", isbn, "title", title)).longValue();
    }

    @Override
    public Optional<String> title(long id) {
        return jdbc.queryForList("select title from book where id = ?", String.class, id).stream()
                .findFirst();
    }

    @Override
    public List<String> titles() {
        return jdbc.queryForList("select title from book order by title", String.class);
    }

    @Override
    public void rename(long id, String title) {
        jdbc.batchUpdate("update book set title = ? where id = ?", List.<Object[]>of(new Object[] {title, id}));
    }

    @Override
    public void remove(long id) {
        jdbc.update("delete from book where id = ?", id);
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
