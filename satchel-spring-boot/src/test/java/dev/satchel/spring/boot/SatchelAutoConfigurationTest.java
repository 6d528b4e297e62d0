package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.Satchel;
import dev.satchel.SatchelMetrics;
import dev.satchel.SchemaMigration;
import dev.satchel.SizeThresholds;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.VersionListener;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveRule;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.BucketTier;
import dev.satchel.redis.RedisVersionFeed;
import dev.satchel.spring.NoCurrentUserException;
import dev.satchel.spring.SatchelDataSource;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.UserContextAccessor;
import dev.satchel.spring.web.DatabaseSyncFilter;
import dev.satchel.spring.web.LogNames;
import dev.satchel.spring.web.RequestFreshness;
import dev.satchel.spring.web.UserContextFilter;
import dev.satchel.spring.web.UserResolver;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.InMemoryArchiveTier;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What an application gets and what it may replace, one claim a test. */
class SatchelAutoConfigurationTest {
    private static final AutoConfigurations ALL = AutoConfigurations.of(
            SatchelAutoConfiguration.class,
            SatchelDataSourceAutoConfiguration.class,
            SatchelEndpointAutoConfiguration.class,
            SatchelHealthContributorAutoConfiguration.class,
            SatchelMetricsAutoConfiguration.class,
            SatchelWebAutoConfiguration.class,
            DataSourceAutoConfiguration.class,
            DataSourceInitializationAutoConfiguration.class,
            DataSourceTransactionManagerAutoConfiguration.class,
            JdbcTemplateAutoConfiguration.class,
            JdbcClientAutoConfiguration.class,
            TransactionAutoConfiguration.class,
            DataSourceHealthContributorAutoConfiguration.class,
            HealthContributorAutoConfiguration.class,
            EndpointAutoConfiguration.class,
            MetricsAutoConfiguration.class,
            CompositeMeterRegistryAutoConfiguration.class);

    @TempDir
    private Path folder;

    private ApplicationContextRunner runner;

    @BeforeEach
    void configure() {
        runner = new ApplicationContextRunner().withConfiguration(ALL).withPropertyValues(properties());
    }

    private String[] properties() {
        return new String[] {
            "satchel.store=" + folder.resolve("bucket"), "satchel.local-directory=" + folder.resolve("user_data")
        };
    }

    // ---- what there is

    @Test
    void startsWithoutAnySetting() {
        runner.run(context -> {
            assertThat(context)
                    .hasNotFailed()
                    .hasSingleBean(Satchel.class)
                    .hasSingleBean(SatchelScopes.class)
                    .hasSingleBean(SatchelDataSource.class);
            assertThat(context.getBean(ObjectStore.class)).isInstanceOf(DirectoryObjectStore.class);
        });
    }

    @Test
    void versionFeedIsOfThisProcessUnlessAPropertySaysMore() {
        runner.run(context -> {
            assertThat(context.getBean(VersionFeed.class).coverage()).isEmpty();
            assertThat(context.getBean(Satchel.class).feed()).isSameAs(context.getBean(VersionFeed.class));
        });
        runner.withPropertyValues("satchel.feed=only-process")
                .run(context -> assertThat(context.getBean(VersionFeed.class).coverage())
                        .isPresent());
        runner.withPropertyValues("satchel.redis.url=redis://127.0.0.1:1")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .getBean(VersionFeed.class)
                        .isInstanceOf(RedisVersionFeed.class));
    }

    @Test
    void archiveHasTheRulesOfBeansAndPropertiesAndTheTierThatIsThere() {
        runner.run(context -> {
            assertThat(context.getBean(Archive.class).rules()).isEmpty();
            assertThat(context.getBean(Archive.class).tier()).isInstanceOf(BucketTier.class);
        });
        InMemoryArchiveTier tier = new InMemoryArchiveTier();
        runner.withBean(
                        ArchiveRule.class,
                        () -> ArchiveRule.builder("from-a-bean", "t").where("1").build())
                .withBean(ArchiveTier.class, () -> tier)
                .withPropertyValues(
                        "satchel.archive.rules[0].name=from-a-property",
                        "satchel.archive.rules[0].table=projects",
                        "satchel.archive.rules[0].where=finished_at < :cutoff",
                        "satchel.archive.rules[0].older-than=30d",
                        "satchel.archive.rules[0].keep=shares",
                        "satchel.size.info=1KB",
                        "satchel.size.warning=2MB",
                        "satchel.size.quota=3MB")
                .run(context -> {
                    Archive archive = context.getBean(Archive.class);
                    assertThat(archive.rules())
                            .extracting(ArchiveRule::name)
                            .containsExactly("from-a-bean", "from-a-property");
                    assertThat(archive.rules().get(1).age()).isEqualTo(Duration.ofDays(30));
                    assertThat(archive.tier()).isSameAs(tier);
                    assertThat(context.getBean(Satchel.class).config().sizes())
                            .isEqualTo(new SizeThresholds(1 << 10, 2 << 20, 3 << 20));
                });
        runner.withPropertyValues("satchel.size.warning=1KB")
                .run(context ->
                        assertThat(context).getFailure().rootCause().hasMessageContaining("satchel.size.warning"));
    }

    @Test
    void growthIsCountedAndMayArchive() {
        runner.withBean(SimpleMeterRegistry.class)
                .withBean(
                        ArchiveRule.class,
                        () -> ArchiveRule.builder("old", "t").where("id < 3").build())
                .withPropertyValues(
                        "satchel.archive.on-growth=true", "satchel.size.info=40KB", "satchel.size.warning=2MB")
                .run(context -> {
                    DatabaseId ann = DatabaseId.of("ann");
                    context.getBean(Satchel.class).<@Nullable Void, SQLException>write(ann, session -> {
                        try (Connection connection = session.connection();
                                Statement statement = connection.createStatement()) {
                            statement.execute("create table t (id integer primary key autoincrement, data blob)");
                            statement.execute("insert into t (data) values (randomblob(60000)), (x''), (x'')");
                            return null;
                        }
                    });

                    Archive archive = context.getBean(Archive.class);
                    while (archive.list(ann).size() < 2) {
                        Thread.onSpinWait();
                    }
                    assertThat(context.getBean(MeterRegistry.class)
                                    .get("satchel.size.crossings")
                                    .tag("level", "info")
                                    .counter()
                                    .count())
                            .isEqualTo(1);
                });
    }

    @Test
    void redisWithoutItsModuleIsSaidAtTheStart() {
        runner.withClassLoader(new FilteredClassLoader(RedisVersionFeed.class))
                .withPropertyValues("satchel.redis.url=redis://127.0.0.1:1")
                .run(context ->
                        assertThat(context).getFailure().rootCause().hasMessageContaining("dev.satchel:satchel-redis"));
    }

    @Test
    void storeIsTheOneThatThePropertyNames() {
        runner.run(context -> {
            insert(context, "alice");

            assertThat(folder.resolve("bucket/alice")).isDirectory();
            assertThat(folder.resolve("user_data/alice/database.sqlite")).isRegularFile();
        });
    }

    @Test
    void startingAsksTheStoreNothingAndOpensNoDatabase() {
        CountingObjectStore store = new CountingObjectStore(new InMemoryObjectStore());
        runner.withBean(ObjectStore.class, () -> store)
                .withBean(SimpleMeterRegistry.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(Satchel.class).openDatabases()).isZero();
                    assertThat(store.requests().entries()).isEmpty();
                });
    }

    @Test
    void jdbcTemplateClientAndTransactionsWorkOnTheUsersDatabase() {
        runner.run(context -> {
            SatchelScopes scopes = context.getBean(SatchelScopes.class);
            JdbcTemplate template = context.getBean(JdbcTemplate.class);
            JdbcClient client = context.getBean(JdbcClient.class);
            TransactionTemplate transaction =
                    new TransactionTemplate(context.getBean(PlatformTransactionManager.class));

            scopes.runAs(
                    UserId.of("alice"),
                    () -> transaction.executeWithoutResult(status -> {
                        template.execute("create table t (x)");
                        client.sql("insert into t values (?)").param(1).update();
                    }));
            long count = scopes.as(
                    UserId.of("alice"),
                    () -> client.sql("select count(*) from t").query(Long.class).single());

            assertThat(count).isEqualTo(1);
        });
    }

    @Test
    void rolledBackTransactionsMakeNoVersion() {
        runner.run(context -> {
            insert(context, "alice");
            Satchel satchel = context.getBean(Satchel.class);
            TransactionTemplate transaction =
                    new TransactionTemplate(context.getBean(PlatformTransactionManager.class));

            context.getBean(SatchelScopes.class)
                    .runAs(
                            UserId.of("alice"),
                            () -> transaction.executeWithoutResult(status -> {
                                context.getBean(JdbcTemplate.class).update("insert into t values (2)");
                                status.setRollbackOnly();
                            }));

            assertThat(satchel.status(DatabaseId.of("alice"))
                            .orElseThrow()
                            .version()
                            .number())
                    .isEqualTo(1);
        });
    }

    @Test
    void readOnlyTransactionsCannotWrite() {
        runner.run(context -> {
            insert(context, "alice");
            TransactionTemplate transaction =
                    new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
            transaction.setReadOnly(true);
            JdbcTemplate template = context.getBean(JdbcTemplate.class);

            context.getBean(SatchelScopes.class).runAs(UserId.of("alice"), () -> {
                assertThatThrownBy(() ->
                                transaction.executeWithoutResult(status -> template.update("insert into t values (3)")))
                        .hasRootCauseInstanceOf(SQLException.class);
                assertThat(transaction.<Integer>execute(
                                status -> template.queryForObject("select count(*) from t", Integer.class)))
                        .isEqualTo(1);
            });
        });
    }

    @Test
    void connectionWithoutUserAfterTheStartIsAnError() {
        runner.run(context -> assertThatThrownBy(
                        () -> context.getBean(DataSource.class).getConnection())
                .isInstanceOf(NoCurrentUserException.class));
    }

    @Test
    void connectionDuringTheStartTellsMetadata() {
        runner.withUserConfiguration(ReadsMetadataAtStart.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(ReadsMetadataAtStart.class).product).isEqualTo("SQLite");
        });
    }

    @Test
    void contextPropagationIsSetUpOnlyIfItIsThere() {
        runner.run(context -> assertThat(context).hasSingleBean(UserContextAccessor.class));
        runner.withClassLoader(new FilteredClassLoader("io.micrometer.context"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("satchelUserContextAccessor"));
    }

    // ---- what an application may replace or switch off

    @Test
    void disabledMeansNothing() {
        runner.withPropertyValues("satchel.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(Satchel.class)
                        .doesNotHaveBean(ObjectStore.class)
                        .doesNotHaveBean(SatchelDataSource.class)
                        .doesNotHaveBean(SatchelMetrics.class));
    }

    @Test
    void applicationsObjectStoreWins() {
        runner.withBean(InMemoryObjectStore.class).run(context -> {
            insert(context, "alice");

            assertThat(context).hasSingleBean(ObjectStore.class);
            assertThat(folder.resolve("bucket")).doesNotExist();
        });
    }

    @Test
    void applicationsSatchelWins() {
        Satchel own = Satchel.builder(new InMemoryObjectStore(), folder.resolve("own"))
                .build();
        runner.withBean("own", Satchel.class, () -> own).run(context -> {
            insert(context, "alice");

            assertThat(context.getBean(Satchel.class)).isSameAs(own);
            assertThat(context).doesNotHaveBean(ObjectStore.class);
            assertThat(folder.resolve("user_data")).doesNotExist();
        });
    }

    @Test
    void applicationsDataSourceWins() {
        DataSource own = new DriverManagerDataSource("jdbc:sqlite::memory:");
        runner.withBean("own", DataSource.class, () -> own)
                .run(context -> assertThat(context.getBean(DataSource.class)).isSameAs(own));
    }

    @Test
    void dataSourceCanBeSwitchedOff() {
        runner.withPropertyValues("satchel.data-source.enabled=false")
                .run(context -> assertThat(context)
                        .hasSingleBean(SatchelScopes.class)
                        .doesNotHaveBean(SatchelDataSource.class));
    }

    @Test
    void applicationsConnectionDetailsWin() {
        Path other = folder.resolve("other");
        runner.withBean(SatchelConnectionDetails.class, () -> other::toString).run(context -> {
            insert(context, "alice");

            assertThat(other.resolve("alice")).isDirectory();
        });
    }

    @Test
    void customizersHaveTheLastWord() {
        runner.withBean(SatchelCustomizer.class, () -> builder -> builder.node("custom"))
                .withPropertyValues("satchel.node=property")
                .run(context ->
                        assertThat(context.getBean(Satchel.class).writer()).startsWith("custom-"));
    }

    @Test
    void nodeNameIsTheProperty() {
        runner.withPropertyValues("satchel.node=n1")
                .run(context ->
                        assertThat(context.getBean(Satchel.class).writer()).startsWith("n1-"));
    }

    @Test
    void schemaBeanIsAppliedToEachUsersDatabase() {
        runner.withBean(SchemaMigration.class, OneTable::new).run(context -> {
            SatchelScopes scopes = context.getBean(SatchelScopes.class);
            for (String user : List.of("alice", "bob")) {
                scopes.runAs(
                        UserId.of(user),
                        () -> context.getBean(JdbcTemplate.class).update("insert into t values (1)"));
            }
        });
    }

    @Test
    void scriptsAtTheLocationAreAppliedToEachUsersDatabase() {
        script("V1__t.sql", "create table t (x)");
        runner.withPropertyValues("satchel.schema.location=file:" + folder.resolve("scripts"))
                .run(context -> context.getBean(SatchelScopes.class)
                        .runAs(
                                UserId.of("alice"),
                                () -> context.getBean(JdbcTemplate.class).update("insert into t values (1)")));
    }

    @Test
    void schemaBeanWinsOverScripts() {
        script("V1__other.sql", "create table other (x)");
        runner.withBean(SchemaMigration.class, OneTable::new)
                .withPropertyValues("satchel.schema.location=file:" + folder.resolve("scripts"))
                .run(context -> context.getBean(SatchelScopes.class)
                        .runAs(
                                UserId.of("alice"),
                                () -> context.getBean(JdbcTemplate.class).update("insert into t values (1)")));
    }

    @Test
    void locationWithoutScriptsAndScriptsWithoutSenseStopTheStart() {
        runner.withPropertyValues("satchel.schema.location=classpath:nowhere")
                .run(context ->
                        assertThat(context).getFailure().rootCause().hasMessageContaining("there is no script"));
        script("V1_t.sql", "create table t (x)");
        runner.withPropertyValues("satchel.schema.location=file:" + folder.resolve("scripts"))
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("V1_t.sql"));
        runner.withPropertyValues("satchel.schema.location=somewhere")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("must begin with classpath: or file:"));
    }

    private void script(String name, String sql) {
        try {
            Files.writeString(Files.createDirectories(folder.resolve("scripts")).resolve(name), sql);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- events, metrics, health, endpoint

    @Test
    void versionEventsReachListenerBeansAndEventListeners() {
        runner.withUserConfiguration(Listeners.class).run(context -> {
            insert(context, "alice");

            Listeners listeners = context.getBean(Listeners.class);
            assertThat(listeners.asBean).extracting(VersionEvent::kind).contains(VersionEvent.Kind.PUBLISHED);
            assertThat(listeners.asEvent).isEqualTo(listeners.asBean);
        });
    }

    @Test
    void listenerThatThrowsHarmsNobody() {
        runner.withBean("throwing", VersionListener.class, () -> event -> {
                    throw new IllegalStateException("listener failed");
                })
                .withUserConfiguration(Listeners.class)
                .run(context -> {
                    insert(context, "alice");

                    assertThat(context.getBean(Listeners.class).asBean).isNotEmpty();
                });
    }

    @Test
    void figuresGoToTheMeterRegistryAndNameNobody() {
        runner.withBean(SimpleMeterRegistry.class).run(context -> {
            insert(context, "alice");

            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertThat(registry.get("satchel.sessions")
                            .tag("status", "synced")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("satchel.sync")
                            .tags("operation", "publish", "outcome", "ok")
                            .timer()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("satchel.databases.open").gauge().value()).isEqualTo(1);
            assertThat(registry.get("satchel.sync.lag").timer().count()).isEqualTo(1);
            assertThat(registry.get("satchel.sync.unsaved").timeGauge().value()).isZero();
            assertThat(registry.get("satchel.sessions.active").gauge().value()).isZero();
            UserId alice = UserId.of("alice");
            context.getBean(SatchelScopes.class).runAs(alice, () -> {
                assertThat(context.getBean(SatchelScopes.class).session().version())
                        .isEqualTo(Version.of(1));
                assertThat(registry.get("satchel.sessions.active").gauge().value())
                        .isEqualTo(1);
            });
            assertThat(registry.get("satchel.store.requests")
                            .tags("operation", "put", "outcome", "ok")
                            .timer()
                            .count())
                    .isPositive();
            assertThat(registry.get("satchel.store.bytes")
                            .tag("direction", "sent")
                            .counter()
                            .count())
                    .isPositive();
            for (CorruptException.Kind kind : CorruptException.Kind.values()) {
                assertThat(registry.get("satchel.corruption")
                                .tag("kind", kind.token())
                                .counter()
                                .count())
                        .isZero();
            }
            List<String> documented = Arrays.stream(SatchelMeter.values())
                    .map(SatchelMeter::getName)
                    .toList();
            assertThat(registry.getMeters())
                    .filteredOn(meter -> meter.getId().getName().startsWith("satchel."))
                    .allSatisfy(meter -> {
                        assertThat(documented).contains(meter.getId().getName());
                        assertThat(meter.getId().getTags())
                                .noneMatch(tag -> tag.getValue().contains("alice"));
                    });
        });
    }

    @Test
    void stateOfTheFeedIsAMeter() {
        runner.withBean(SimpleMeterRegistry.class)
                .withPropertyValues("satchel.redis.url=redis://127.0.0.1:1")
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    assertThat(registry.get("satchel.feed.connected").gauge().value())
                            .isZero();
                    assertThat(registry.get("satchel.feed.dropped")
                                    .functionCounter()
                                    .count())
                            .isZero();
                });
    }

    @Test
    void refreshAndPublishAreObservedAndOnlySpansNameTheDatabase() {
        List<Observation.Context> seen = new CopyOnWriteArrayList<>();
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public void onStop(Observation.Context context) {
                seen.add(context);
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
        FaultyObjectStore store = new FaultyObjectStore(new InMemoryObjectStore());
        runner.withBean(ObjectStore.class, () -> store)
                .withBean(ObservationRegistry.class, () -> registry)
                .run(context -> {
                    insert(context, "alice");
                    store.on(".*ltx/.*", Operation.PUT).always().inject(FaultyObjectStore.Fault.DENIED);
                    assertThatThrownBy(() -> insert(context, "bob")).isInstanceOf(StoreRefusedException.class);

                    assertThat(seen)
                            .extracting(Observation.Context::getName)
                            .containsExactly(
                                    "satchel.refresh", "satchel.publish", "satchel.refresh", "satchel.publish");
                    assertThat(seen.get(0).getLowCardinalityKeyValues())
                            .containsExactly(KeyValue.of("freshness", "latest"), KeyValue.of("outcome", "ok"));
                    assertThat(seen.get(1).getLowCardinalityKeyValues())
                            .containsExactly(KeyValue.of("durability", "durable"), KeyValue.of("outcome", "synced"));
                    assertThat(seen.get(3).getLowCardinalityKeyValues())
                            .containsExactly(KeyValue.of("durability", "durable"), KeyValue.of("outcome", "failed"));
                    assertThat(seen.get(3).getError()).isInstanceOf(StoreRefusedException.class);
                    String alice = new LogNames(false).of(DatabaseId.of("alice"));
                    assertThat(seen.get(1).getHighCardinalityKeyValues())
                            .containsExactlyInAnyOrder(
                                    KeyValue.of("satchel.database", alice), KeyValue.of("satchel.version", "1"));
                });
    }

    @Test
    void applicationsMetricsAreToldToo() {
        List<String> told = new CopyOnWriteArrayList<>();
        SatchelMetrics own = new SatchelMetrics() {
            @Override
            public void sessionEnded(SyncStatus status) {
                told.add(status.token());
            }
        };
        runner.withBean("own", SatchelMetrics.class, () -> own).run(context -> {
            insert(context, "alice");

            assertThat(told).containsExactly("synced");
        });
    }

    @Test
    void worksWithoutMicrometerAndActuator() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SatchelAutoConfiguration.class,
                        SatchelDataSourceAutoConfiguration.class,
                        DataSourceAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class))
                .withPropertyValues(properties())
                .withClassLoader(new FilteredClassLoader(
                        "io.micrometer", "org.springframework.boot.actuate", "org.springframework.boot.health"))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    insert(context, "alice");
                });
    }

    @Test
    void healthAsksNeitherStoreNorDatabase() {
        CountingObjectStore store = new CountingObjectStore(new InMemoryObjectStore());
        runner.withBean(ObjectStore.class, () -> store).run(context -> {
            Map<String, HealthIndicator> indicators = context.getBeansOfType(HealthIndicator.class);

            assertThat(indicators).containsKeys("satchelHealthIndicator", "dbHealthIndicator");
            assertThat(indicators.values())
                    .allSatisfy(indicator ->
                            assertThat(indicator.health().getStatus()).isEqualTo(Status.UP));
            assertThat(store.requests().entries()).isEmpty();
        });
    }

    @Test
    void healthIsDownWhileTheStoreFailsAndUpAfterwards() {
        FaultyObjectStore store = new FaultyObjectStore(new InMemoryObjectStore());
        runner.withBean(ObjectStore.class, () -> store).run(context -> {
            HealthIndicator health = context.getBean("satchelHealthIndicator", HealthIndicator.class);
            store.on(".*").always().inject(FaultyObjectStore.Fault.DENIED);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> insert(context, "alice")).isInstanceOf(StoreRefusedException.class);
            }
            assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);

            store.clear();
            insert(context, "alice");
            assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        });
    }

    @Test
    void healthOfDatabasesInSharedUseIsBootsOwn() {
        runner.withUserConfiguration(TwoDataSources.class)
                .run(context ->
                        assertThat(context).doesNotHaveBean("dbHealthIndicator").hasBean("dbHealthContributor"));
    }

    @Test
    void endpointTellsTheNodeAndAUsersDatabases() {
        runner.withPropertyValues(
                        "management.endpoints.web.exposure.include=satchel",
                        "management.endpoints.jmx.exposure.include=satchel")
                .run(context -> {
                    insert(context, "alice");
                    SatchelEndpoint endpoint = context.getBean(SatchelEndpoint.class);

                    assertThat(endpoint.node().openDatabases()).isEqualTo(1);
                    assertThat(endpoint.node().store()).contains("bucket");
                    assertThat(endpoint.user("alice").status()).isEqualTo("synced");
                    assertThat(endpoint.user("alice").databases())
                            .hasEntrySatisfying(
                                    "database",
                                    database -> assertThat(database.version()).isEqualTo(1));
                    assertThat(endpoint.user("nobody")).isNull();
                    assertThatThrownBy(() -> endpoint.user("../x")).isInstanceOf(InvalidEndpointRequestException.class);
                });
    }

    @Test
    void endpointIsNotThereUnlessExposed() {
        runner.run(context -> assertThat(context).doesNotHaveBean(SatchelEndpoint.class));
    }

    // ---- the web part

    @Test
    void annotationOfAnEndpointThatCannotBeReadStopsTheStart() {
        new WebApplicationContextRunner()
                .withConfiguration(ALL)
                .withConfiguration(AutoConfigurations.of(WebMvcAutoConfiguration.class))
                .withPropertyValues(properties())
                .withBean(UserResolver.class, () -> request -> Optional.empty())
                .withBean(Impatient.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasMessageContaining("@RequestFreshness of ")
                        .hasMessageContaining("Impatient#soon()")
                        .hasMessageContaining("\"quickly\""));
    }

    @RestController
    static class Impatient {
        @GetMapping("/soon")
        @RequestFreshness("quickly")
        String soon() {
            return "soon";
        }
    }

    @Test
    void filtersAreThereOnceSomebodySaysWhoTheUserIs() {
        WebApplicationContextRunner web =
                new WebApplicationContextRunner().withConfiguration(ALL).withPropertyValues(properties());

        web.run(context -> assertThat(context).doesNotHaveBean("satchelUserContextFilter"));
        web.withBean(UserResolver.class, () -> request -> Optional.empty()).run(context -> {
            assertThat(context).hasBean("satchelUserContextFilter").hasBean("satchelDatabaseSyncFilter");
            assertThat(UserContextFilter.ORDER).isLessThan(DatabaseSyncFilter.ORDER);
        });
        web.withBean(UserResolver.class, () -> request -> Optional.empty())
                .withPropertyValues("satchel.web.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("satchelUserContextFilter"));
    }

    @Test
    void twoUserResolversAreRefusedByName() {
        new WebApplicationContextRunner()
                .withConfiguration(ALL)
                .withPropertyValues(properties())
                .withBean("first", UserResolver.class, () -> request -> Optional.empty())
                .withBean("second", UserResolver.class, () -> request -> Optional.empty())
                .run(context -> assertThat(analysis(context.getStartupFailure()).getDescription())
                        .contains("first", "second"));
    }

    // ---- mistakes at the start

    @Test
    void unknownSchemeIsExplained() {
        runner.withPropertyValues("satchel.store=gopher://bucket").run(context -> {
            FailureAnalysis analysis = analysis(context.getStartupFailure());
            assertThat(analysis.getDescription()).contains("satchel.store").contains("gopher");
            assertThat(analysis.getAction()).contains("./data/bucket");
        });
    }

    @Test
    void storeThatIsNoFolderIsExplained() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        runner.withPropertyValues("satchel.store=" + file)
                .run(context -> assertThat(analysis(context.getStartupFailure()).getDescription())
                        .contains("satchel.store"));
    }

    @Test
    void localFolderInUseIsExplained() {
        try (Satchel other = Satchel.builder(new InMemoryObjectStore(), folder.resolve("user_data"))
                .build()) {
            runner.run(context -> {
                assertThat(context.getStartupFailure()).hasRootCauseInstanceOf(LocalStorageException.class);
                assertThat(analysis(context.getStartupFailure()).getAction()).contains("satchel.local-directory");
            });
            assertThat(other.openDatabases()).isZero();
        }
    }

    @Test
    void statementDuringTheStartIsExplained() {
        runner.withUserConfiguration(RunsStatementAtStart.class)
                .run(context -> assertThat(analysis(context.getStartupFailure()).getAction())
                        .contains("SchemaMigration"));
    }

    @Test
    void invalidValueNamesTheProperty() {
        runner.withPropertyValues("satchel.freshness=soon")
                .run(context ->
                        assertThat(context.getStartupFailure()).rootCause().hasMessageContaining("soon"));
    }

    @Test
    void conflictPolicyBinds() {
        runner.withPropertyValues("satchel.conflict-policy=reject")
                .run(context -> assertThat(
                                context.getBean(SatchelProperties.class).conflictPolicy())
                        .isEqualTo(ConflictPolicy.REJECT));
    }

    @Test
    void writesOfOneRequestAreOnePut() {
        CountingObjectStore store = new CountingObjectStore(new InMemoryObjectStore());
        runner.withBean(ObjectStore.class, () -> store)
                .withPropertyValues("satchel.freshness=local")
                .run(context -> {
                    insert(context, "alice");
                    store.requests().reset();

                    context.getBean(SatchelScopes.class).runAs(UserId.of("alice"), () -> {
                        JdbcTemplate template = context.getBean(JdbcTemplate.class);
                        template.update("insert into t values (2)");
                        template.update("insert into t values (3)");
                    });

                    assertThat(store.requests().entries())
                            .extracting(entry -> entry.operation())
                            .containsExactly(Operation.PUT);
                });
    }

    private static FailureAnalysis analysis(Throwable failure) {
        return SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, SpringFactoriesLoader.FailureHandler.handleMessage((message, e) -> {}))
                .stream()
                .filter(analyzer -> analyzer.getClass().getPackageName().startsWith("dev.satchel"))
                .map(analyzer -> analyzer.analyze(failure))
                .filter(found -> found != null)
                .findFirst()
                .orElseThrow(() -> new AssertionError("not analyzed", failure));
    }

    private static void insert(ApplicationContext context, String user) {
        SatchelScopes scopes = context.getBean(SatchelScopes.class);
        JdbcTemplate template = context.getBean(JdbcTemplate.class);
        scopes.runAs(UserId.of(user), () -> {
            template.execute("create table t (x)");
            template.update("insert into t values (1)");
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class ReadsMetadataAtStart {
        private String product = "";

        @Bean
        Object reader(DataSource dataSource) throws SQLException {
            try (Connection connection = dataSource.getConnection()) {
                product = connection.getMetaData().getDatabaseProductName();
            }
            return "reader";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class RunsStatementAtStart {
        @Bean
        Object writer(JdbcTemplate template) {
            template.execute("create table t (x)");
            return "writer";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Listeners {
        private final List<VersionEvent> asBean = new CopyOnWriteArrayList<>();
        private final List<VersionEvent> asEvent = new CopyOnWriteArrayList<>();

        /** Needs what needs Satchel, as a listener that looks things up would. */
        @Bean
        VersionListener listener(SatchelScopes scopes) {
            return asBean::add;
        }

        @EventListener
        void on(VersionEvent event) {
            asEvent.add(event);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoDataSources {
        @Bean
        DataSource shared() {
            return new DriverManagerDataSource("jdbc:sqlite::memory:");
        }

        @Bean
        SatchelDataSource perUser(SatchelScopes scopes) {
            return new SatchelDataSource(scopes);
        }
    }

    private static final class OneTable implements SchemaMigration {
        @Override
        public int targetVersion() {
            return 1;
        }

        @Override
        public void migrate(Connection connection, int from) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("create table t (x)");
            }
        }
    }
}
