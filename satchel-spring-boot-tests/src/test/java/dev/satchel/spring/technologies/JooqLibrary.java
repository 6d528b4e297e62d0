package dev.satchel.spring.technologies;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

@Component("jooq")
@Transactional
class JooqLibrary implements Library {
    private static final Table<Record> BOOK = table(name("book"));
    private static final Field<Long> ID = field(name("id"), Long.class);
    private static final Field<String> ISBN = field(name("isbn"), String.class);
    private static final Field<String> TITLE = field(name("title"), String.class);

    private final DSLContext jooq;

    JooqLibrary(DSLContext jooq) {
        this.jooq = jooq;
    }

    @Override
    public long add(String isbn, String title) {
        return Objects.requireNonNull(jooq.insertInto(BOOK)
                .set(ISBN, isbn)
                .set(TITLE, title)
                .returning(ID)
                .fetchSingle()
                .get(ID));
    }

    @Override
    public Optional<String> title(long id) {
        return jooq.select(TITLE).from(BOOK).where(ID.eq(id)).fetchOptional(TITLE);
    }

    @Override
    public List<String> titles() {
        return jooq.select(TITLE).from(BOOK).orderBy(TITLE).fetch(TITLE);
    }

    @Override
    public void rename(long id, String title) {
        jooq.update(BOOK).set(TITLE, title).where(ID.eq(id)).execute();
    }

    @Override
    public void remove(long id) {
        jooq.deleteFrom(BOOK).where(ID.eq(id)).execute();
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
