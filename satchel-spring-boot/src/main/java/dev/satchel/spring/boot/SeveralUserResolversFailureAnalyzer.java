package dev.satchel.spring.boot;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains that two beans say who the user is. */
final class SeveralUserResolversFailureAnalyzer extends AbstractFailureAnalyzer<SeveralUserResolversException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, SeveralUserResolversException cause) {
        return new FailureAnalysis(
                cause.getMessage() + ".",
                "Keep one, make one of them @Primary, or make one that asks the others.",
                cause);
    }
}
