package dev.satchel;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Who may call whom in satchel-core, as docs/architecture.md tells it, and what main code takes from outside instead of
 * reaching for it.
 */
@AnalyzeClasses(packages = ArchitectureTest.ROOT, importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    static final String ROOT = "dev.satchel";

    private static final String STORE = ROOT + ".store";
    private static final String ARCHIVE = ROOT + ".archive";
    private static final String LTX = ROOT + ".internal.ltx";
    private static final String WAL = ROOT + ".internal.wal";
    private static final String LOG = ROOT + ".internal.log";
    private static final String REPLICA = ROOT + ".internal.replica";
    private static final String SYNC = ROOT + ".internal.sync";
    private static final String JDBC = ROOT + ".internal.jdbc";
    private static final Set<String> ROOMS = Set.of(ROOT, STORE, ARCHIVE, LTX, WAL, LOG, REPLICA, SYNC, JDBC);

    @ArchTest
    static final ArchRule everyClassLivesInARoom = classes().should().resideInAnyPackage(ROOMS.toArray(String[]::new));

    @ArchTest
    static final ArchRule storeKnowsNothingOfOurs = leaf(STORE);

    @ArchTest
    static final ArchRule archiveCallsThePublicApiOnly = noClasses()
            .that()
            .resideInAPackage(ARCHIVE)
            .should()
            .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(ROOT, ARCHIVE))))
            .because("whatever the archiver can do, an application can");

    @ArchTest
    static final ArchRule ltxKnowsNothingOfOurs = leaf(LTX);

    @ArchTest
    static final ArchRule walKnowsNothingOfOurs = leaf(WAL);

    @ArchTest
    static final ArchRule logCallsStoreAndLtx = room(LOG, STORE, LTX);

    @ArchTest
    static final ArchRule replicaCallsLogWalAndLtx = room(REPLICA, LOG, WAL, LTX);

    @ArchTest
    static final ArchRule syncCallsLogReplicaAndJdbc = room(SYNC, STORE, LOG, LTX, REPLICA, JDBC);

    @ArchTest
    static final ArchRule jdbcCallsReplica = room(JDBC, REPLICA);

    @ArchTest
    static final ArchRule nothingPrints = noClasses()
            .should()
            .accessTargetWhere(member(System.class, "out", "err").or(member(Throwable.class, "printStackTrace")))
            .because("a library logs through SLF4J");

    @ArchTest
    static final ArchRule nothingUsesTheJdkLogger = noClasses()
            .that()
            .doNotImplement(javax.sql.DataSource.class) // its interface names the type
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.logging..");

    @ArchTest
    static final ArchRule timeIsInjected = noClasses()
            .should()
            .accessTargetWhere(member(Instant.class, "now").or(member(System.class, "currentTimeMillis")))
            .because("clocks are injected; a default is InstantSource.system()");

    @ArchTest
    static final ArchRule sleepingIsInjected = noClasses()
            .that(not(simpleName("Sleeper")))
            .should()
            .accessTargetWhere(member(Thread.class, "sleep"))
            .because("tests do not wait");

    @ArchTest
    static final ArchRule randomnessIsInjected = noClasses()
            .should()
            .accessTargetWhere(member(Math.class, "random"))
            .because("a run must be repeatable from its seed");

    @ArchTest
    static final ArchRule nobodyButTheEngineCanSwitchARuleOff = noClasses()
            .that()
            .resideOutsideOfPackage(SYNC)
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(SYNC + ".ProtocolRule")
            .because("a flag that skips a check must not exist for users");

    /** A call of, a reference to or an access to one of these members. */
    private static DescribedPredicate<JavaAccess<?>> member(Class<?> owner, String... names) {
        return describe(
                owner.getSimpleName() + "." + String.join("|", names),
                access -> access.getTargetOwner().isAssignableTo(owner)
                        && Arrays.asList(names).contains(access.getName()));
    }

    private static ArchRule leaf(String room) {
        return noClasses()
                .that(resideInAPackage(room))
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAPackage(room))))
                .allowEmptyShould(true);
    }

    /**
     * A room that may call some others. Besides, it may speak the public vocabulary, catch any of our exceptions, and hand on
     * what it does not call: the engine gets the object store and gives it to the log.
     */
    private static ArchRule room(String room, String... mayCall) {
        var reachable = Stream.concat(Stream.of(room), Arrays.stream(mayCall)).toArray(String[]::new);
        return noClasses()
                .that(resideInAPackage(room))
                .should()
                .accessClassesThat(resideInAPackage(ROOT + "..")
                        .and(not(resideInAnyPackage(reachable)))
                        .and(not(vocabulary()))
                        .and(not(exception())))
                .allowEmptyShould(true);
    }

    /** Public types that do not know the engine: the engine may use them without a cycle. */
    private static DescribedPredicate<JavaClass> vocabulary() {
        return resideInAPackage(ROOT)
                .and(describe(
                        "know nothing internal",
                        type -> type.getDirectDependenciesFromSelf().stream()
                                .noneMatch(dependency -> dependency
                                        .getTargetClass()
                                        .getPackageName()
                                        .startsWith(ROOT + ".internal"))));
    }

    private static DescribedPredicate<JavaClass> exception() {
        return describe(
                "are exceptions or their reasons",
                type -> assignableTo(Throwable.class).test(type)
                        || type.getEnclosingClass()
                                .filter(assignableTo(Throwable.class))
                                .isPresent());
    }
}
