package dev.satchel.testkit.cloudflare;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a {@link LocalR2} to tests and constructors that have a parameter for it: one for all tests of a JVM, started at the
 * first use and stopped at the end. Tests share its bucket, so each keeps to a prefix of its own.
 */
public final class LocalR2Extension implements ParameterResolver {

    /** For JUnit. */
    public LocalR2Extension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalR2.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(LocalR2Extension.class))
                .computeIfAbsent(LocalR2.class, key -> LocalR2.start(), LocalR2.class);
    }
}
