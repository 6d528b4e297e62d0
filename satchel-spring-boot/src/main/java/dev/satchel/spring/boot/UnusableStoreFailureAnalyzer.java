package dev.satchel.spring.boot;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains a store that cannot be opened. */
final class UnusableStoreFailureAnalyzer extends AbstractFailureAnalyzer<UnusableStoreException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnusableStoreException cause) {
        return new FailureAnalysis(
                cause.getMessage() + ".",
                "Set satchel.store to a folder that can be written, such as ./data/bucket, or to r2://bucket/prefix?account=... or"
                        + " s3://bucket/prefix?region=... with the module dev.satchel:satchel-s3 on the class path and the"
                        + " credentials in the environment.",
                cause);
    }
}
