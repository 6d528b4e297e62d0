package dev.satchel.spring.transactions;

import java.io.IOException;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Work in each kind of transaction. */
@Component
class Shelf {
    private final JdbcClient jdbc;

    Shelf(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<String> titles() {
        return jdbc.sql("select title from book order by id")
                .query(String.class)
                .list();
    }

    @Transactional
    public void required(String title, Runnable then) {
        add(title);
        then.run();
    }

    @Transactional(propagation = Propagation.NESTED)
    public void nested(String title, Runnable then) {
        add(title);
        then.run();
    }

    @Transactional(readOnly = true)
    public void reading(Runnable then) {
        titles();
        then.run();
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void requiresNew(String title) {
        add(title);
    }

    @Transactional(propagation = Propagation.NOT_SUPPORTED)
    public List<String> notSupported() {
        return titles();
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void mandatory(String title) {
        add(title);
    }

    @Transactional(propagation = Propagation.NEVER)
    public void never(String title) {
        add(title);
    }

    @Transactional
    public void checkedFailureCommits(String title) throws IOException {
        add(title);
        throw new IOException("checked");
    }

    @Transactional(rollbackFor = IOException.class)
    public void checkedFailureRollsBack(String title) throws IOException {
        add(title);
        throw new IOException("checked");
    }

    @Transactional(noRollbackFor = UnsupportedOperationException.class)
    public void uncheckedFailureCommits(String title) {
        add(title);
        throw new UnsupportedOperationException("unchecked");
    }

    @Transactional(timeout = 1)
    public void endless() {
        jdbc.sql("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n")
                .query(Long.class)
                .single();
    }

    private void add(String title) {
        jdbc.sql("insert into book (isbn, title) values (?, ?)")
                .params(title, title)
                .update();
    }
}
