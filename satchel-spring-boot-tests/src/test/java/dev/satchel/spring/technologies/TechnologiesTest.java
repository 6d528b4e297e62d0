package dev.satchel.spring.technologies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.UserContext;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.domain.Limit;
import org.springframework.data.domain.PageRequest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class TechnologiesTest {
    @TempDir
    static Path folder;

    private static final ObjectStore bucket = new InMemoryObjectStore();
    private static ConfigurableApplicationContext application;

    @BeforeAll
    static void start() {
        application = LibraryApplication.start(bucket, folder.resolve("first"), "spring.liquibase.enabled=false");
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    static Stream<String> technologies() {
        return Stream.of("jdbc-client", "jdbc-template", "jpa", "spring-data-jdbc", "jooq", "mybatis");
    }

    @ParameterizedTest
    @MethodSource("technologies")
    void createsReadsUpdatesAndDeletes(String technology) {
        Library library = application.getBean(technology, Library.class);
        UserId user = UserId.of("crud-" + technology);

        long[] ids = as(user, () -> new long[] {library.add("1", "Middlemarch"), library.add("2", "Emma")});
        scopes().runAs(user, () -> {
            library.rename(ids[0], "Silas Marner");
            library.remove(ids[1]);
        });

        assertThat(ids[1]).isEqualTo(ids[0] + 1);
        assertThat(as(user, () -> library.title(ids[0]))).contains("Silas Marner");
        assertThat(as(user, () -> library.title(ids[1]))).isEmpty();
        assertThat(as(user, library::titles)).containsExactly("Silas Marner");
    }

    @ParameterizedTest
    @MethodSource("technologies")
    void rollsBack(String technology) {
        Library library = application.getBean(technology, Library.class);
        UserId user = UserId.of("rollback-" + technology);
        as(user, () -> library.add("1", "Persuasion"));
        Version before = version(user);

        assertThatThrownBy(() -> scopes().runAs(user, () -> library.addAndFail("2")))
                .hasMessage("after the insert");

        assertThat(as(user, library::titles)).containsExactly("Persuasion");
        assertThat(version(user)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("technologies")
    void translatesTheViolationOfAUniqueConstraint(String technology) {
        Library library = application.getBean(technology, Library.class);
        UserId user = UserId.of("unique-" + technology);
        as(user, () -> library.add("1", "Persuasion"));

        assertThatThrownBy(() -> as(user, () -> library.add("1", "Emma")))
                .isInstanceOf(DataIntegrityViolationException.class);

        assertThat(as(user, library::titles)).containsExactly("Persuasion");
    }

    @ParameterizedTest
    @MethodSource("technologies")
    void refusesToWriteInATransactionForReading(String technology) {
        Library library = application.getBean(technology, Library.class);
        UserId user = UserId.of("reading-" + technology);

        assertThatThrownBy(() -> scopes().runAs(user, () -> library.addReadOnly("1")))
                .hasStackTraceContaining("The connection is set to read-only");

        assertThat(as(user, library::titles)).isEmpty();
    }

    /** As Spring Boot keeps one open for a whole request unless {@code spring.jpa.open-in-view} is false. */
    @Test
    void workForAnotherUserInsideAnOpenEntityManagerIsRefused() {
        Library library = application.getBean("jpa", Library.class);
        EntityManagerFactory factory = application.getBean(EntityManagerFactory.class);
        UserId other = UserId.of("other-in-view");
        scopes().runAs(UserId.of("in-view"), () -> {
            try (EntityManager open = factory.createEntityManager()) {
                TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(open));
                try {
                    assertThatThrownBy(() -> as(other, () -> library.add("1", "Emma")))
                            .hasMessageContaining("spring.jpa.open-in-view=false");
                } finally {
                    TransactionSynchronizationManager.unbindResource(factory);
                }
            }
        });

        assertThat(as(other, () -> library.add("1", "Emma"))).isPositive();
    }

    /** So a long answer cannot begin to leave before the EntityManager of its request is closed. */
    @Test
    void openEntityManagerKeepsItsConnectionAfterItsTransaction() {
        Library library = application.getBean("jpa", Library.class);
        EntityManagerFactory factory = application.getBean(EntityManagerFactory.class);
        UserContext context = application.getBean(UserContext.class);
        scopes().runAs(UserId.of("held"), () -> {
            UnitOfWork unit = context.unit().orElseThrow();
            library.titles();
            unit.pause();

            try (EntityManager open = factory.createEntityManager()) {
                TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(open));
                try {
                    library.titles();
                    assertThatThrownBy(unit::pause).hasMessageContaining("a connection of the session is in use");
                } finally {
                    TransactionSynchronizationManager.unbindResource(factory);
                }
            }
            unit.pause();
        });
    }

    @Test
    void showsTheDataAfterARestartOnAnEmptyDisk() {
        UserId user = UserId.of("moved");
        technologies()
                .forEach(technology -> as(
                        user,
                        () -> application.getBean(technology, Library.class).add(technology, technology)));

        try (ConfigurableApplicationContext second =
                LibraryApplication.start(bucket, folder.resolve("second"), "spring.liquibase.enabled=false")) {
            SatchelScopes scopes = second.getBean(SatchelScopes.class);
            technologies()
                    .forEach(technology -> assertThat(scopes.as(
                                    user,
                                    () -> second.getBean(technology, Library.class)
                                            .titles()))
                            .containsExactlyInAnyOrderElementsOf(technologies().toList()));
        }
    }

    @Test
    void flywayMigratesEachUsersDatabaseWhenItIsFirstUsed() {
        JdbcClient jdbc = application.getBean(JdbcClient.class);

        assertThat(as(
                        UserId.of("new"),
                        () -> jdbc.sql("select version from flyway_schema_history order by installed_rank")
                                .query(String.class)
                                .list()))
                .containsExactly("1", "2");
        assertThat(as(
                        UserId.of("new"),
                        () -> jdbc.sql("pragma user_version")
                                .query(Integer.class)
                                .single()))
                .isEqualTo(2);
    }

    @Test
    void springDataJdbcPagesAndLimits() {
        DataBooks books = application.getBean(DataBooks.class);
        UserId user = UserId.of("pages");
        scopes().runAs(
                        user,
                        () -> Stream.of("a1", "a2", "a3", "b1")
                                .forEach(title -> books.save(new DataBook(null, title, title))));

        assertThat(as(user, () -> books.findByTitleStartingWithOrderByTitle("a", Limit.of(2))))
                .extracting(DataBook::title)
                .containsExactly("a1", "a2");
        assertThat(as(user, () -> books.findAllByOrderByTitle(PageRequest.of(1, 3))))
                .extracting(DataBook::title)
                .containsExactly("b1");
    }

    private static SatchelScopes scopes() {
        return application.getBean(SatchelScopes.class);
    }

    private static <T> T as(UserId user, dev.satchel.spring.ScopedWork<T, RuntimeException> work) {
        return scopes().as(user, work);
    }

    private static Version version(UserId user) {
        return as(user, () -> scopes().session().version());
    }
}
