package dev.satchel.spring.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.UserId;
import dev.satchel.spring.NoCurrentUserException;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.ScopedAction;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.IllegalTransactionStateException;

class TransactionsTest {
    @TempDir
    static Path folder;

    private static ConfigurableApplicationContext application;

    private UserId user = UserId.of("nobody");

    @EnableAutoConfiguration(
            exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
    @Import(Shelf.class)
    static class Application {}

    @BeforeAll
    static void start() {
        ObjectStore bucket = new InMemoryObjectStore();
        ApplicationContextInitializer<GenericApplicationContext> store =
                context -> context.registerBean(ObjectStore.class, () -> bucket);
        application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .initializers(store)
                .properties(Map.of(
                        "satchel.local-directory", folder.resolve("users").toString(),
                        "spring.flyway.enabled", "false",
                        "spring.liquibase.change-log", "classpath:db/changelog/books.yaml",
                        "spring.liquibase.contexts", "test",
                        "spring.liquibase.parameters.isbn", "0"))
                .run();
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    @BeforeEach
    void name(TestInfo test) {
        user = UserId.of(test.getTestMethod().orElseThrow().getName());
    }

    @Test
    void liquibaseUpdatesEachUsersDatabaseWhenItIsFirstUsed() {
        JdbcClient jdbc = application.getBean(JdbcClient.class);

        List<String> run = application
                .getBean(SatchelScopes.class)
                .as(
                        user,
                        () -> jdbc.sql("select id from databasechangelog order by orderexecuted")
                                .query(String.class)
                                .list());

        assertThat(run).containsExactly("books", "index");
        assertThat(titles()).isEmpty();
    }

    @Test
    void innerTransactionsJoinTheOuterOne() {
        assertThatThrownBy(() -> run(() -> shelf().required("outer", () -> shelf().required("inner", this::fail))))
                .hasMessage("on purpose");

        assertThat(titles()).isEmpty();
    }

    @Test
    void nestedTransactionsRollBackAlone() {
        run(() -> shelf().required("outer", () -> {
            assertThatThrownBy(() -> shelf().nested("inner", this::fail)).hasMessage("on purpose");
            shelf().nested("second", () -> {});
        }));

        assertThat(titles()).containsExactly("outer", "second");
    }

    @Test
    void newTransactionsBesideAReadingOneCommitAlone() {
        assertThatThrownBy(() -> run(() -> shelf().reading(() -> {
                    shelf().requiresNew("independent");
                    fail();
                })))
                .hasMessage("on purpose");

        assertThat(titles()).containsExactly("independent");
    }

    @Test
    void newTransactionsInsideAWritingOneFailAtOnceAndSayWhatToWrite() {
        run(() -> shelf().required(
                        "outer",
                        () -> assertThatThrownBy(() -> shelf().requiresNew("inner"))
                                .isInstanceOf(InvalidDataAccessApiUsageException.class)
                                .hasMessageContaining("would wait for itself")
                                .hasMessageContaining("REQUIRED or NESTED")));

        assertThat(titles()).containsExactly("outer");
    }

    @Test
    void workForNobodySaysWhatToWrite() {
        assertThatThrownBy(() -> shelf().titles())
                .isInstanceOf(NoCurrentUserException.class)
                .hasMessageContaining("satchelScopes.as(user, work)");
        assertThatThrownBy(() -> shelf().required("whose?", () -> {}))
                .isInstanceOf(NoCurrentUserException.class)
                .hasMessageContaining("satchelScopes.as(user, work)");
    }

    @Test
    void workOutsideASuspendedTransactionSeesWhatIsCommitted() {
        run(() -> shelf().required(
                        "outer", () -> assertThat(shelf().notSupported()).isEmpty()));

        assertThat(titles()).containsExactly("outer");
    }

    @Test
    void mandatoryAndNeverAreKept() {
        assertThatThrownBy(() -> run(() -> shelf().mandatory("alone")))
                .isInstanceOf(IllegalTransactionStateException.class);
        assertThatThrownBy(() -> run(() -> shelf().required("outer", () -> shelf().never("inside"))))
                .isInstanceOf(IllegalTransactionStateException.class);

        assertThat(titles()).isEmpty();
    }

    @Test
    void rollbackRulesAreKept() {
        assertThatThrownBy(() -> run(() -> shelf().checkedFailureCommits("one")))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> run(() -> shelf().checkedFailureRollsBack("two")))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> run(() -> shelf().uncheckedFailureCommits("three")))
                .isInstanceOf(UnsupportedOperationException.class);

        assertThat(titles()).containsExactly("one", "three");
    }

    @Test
    void timeoutsEndStatementsAndTheDatabaseIsUsableAfterwards() {
        assertThatThrownBy(() -> run(() -> shelf().endless())).isInstanceOf(DataAccessException.class);

        run(() -> shelf().required("afterwards", () -> {}));
        assertThat(titles()).containsExactly("afterwards");
    }

    @Test
    void manyUsersNeedNoPool() {
        assertThat(application.getBean(DataSource.class)).isInstanceOf(dev.satchel.spring.SatchelDataSource.class);
        int threads = Thread.activeCount();
        for (int i = 0; i < 50; i++) {
            UserId each = UserId.of("many-" + i);
            application.getBean(SatchelScopes.class).runAs(each, () -> shelf().required("mine", () -> {}));
        }

        // The bounds of docs/concurrency.md, however many users there are.
        assertThat(Thread.activeCount() - threads).isLessThanOrEqualTo(25);
    }

    private void fail() {
        throw new IllegalStateException("on purpose");
    }

    private <X extends Exception> void run(ScopedAction<X> action) throws X {
        application.getBean(SatchelScopes.class).runAs(user, action);
    }

    private List<String> titles() {
        return application.getBean(SatchelScopes.class).as(user, () -> shelf().titles());
    }

    private static Shelf shelf() {
        return application.getBean(Shelf.class);
    }
}
