package dev.satchel.spring.boot;

import java.sql.Connection;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image of an application has to know of this module besides what Spring finds out by itself. What satchel-core needs is in
 * its own {@code META-INF/native-image}.
 */
final class SatchelRuntimeHints implements RuntimeHintsRegistrar {
    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        // The connections of a start and of Flyway and Liquibase are proxies that call another connection.
        hints.proxies().registerJdkProxy(Connection.class);
        hints.reflection().registerType(Connection.class, MemberCategory.INVOKE_PUBLIC_METHODS);
        hints.resources().registerPattern("satchel/migrations/**");
        hints.resources().registerPattern("META-INF/resources/satchel/*");
    }
}
