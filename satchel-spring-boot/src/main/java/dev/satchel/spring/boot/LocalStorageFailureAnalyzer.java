package dev.satchel.spring.boot;

import dev.satchel.LocalStorageException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains a local folder that cannot be used. */
final class LocalStorageFailureAnalyzer extends AbstractFailureAnalyzer<LocalStorageException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, LocalStorageException cause) {
        return new FailureAnalysis(
                "The folder for this node's copies of the databases cannot be used: " + cause.getMessage(),
                "Set satchel.local-directory to a folder on a local disk that this process may write and no other process uses:"
                        + " each node needs its own. If another instance of the application is running on this machine, give"
                        + " one of them another folder; both may share one satchel.store.",
                cause);
    }
}
