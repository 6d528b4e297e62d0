package dev.satchel.cli;

import dev.satchel.ConflictException;
import dev.satchel.CorruptException;
import dev.satchel.NotFoundException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelException;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import dev.satchel.store.StoreException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** One line on standard error that says what went wrong and what to do, or a JSON object, and an exit code. */
final class ErrorReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final RootCommand root;

    ErrorReport(RootCommand root) {
        this.root = root;
    }

    /** What kind of error, as {@code --json} tells it, and the exit code. */
    private record Kind(String token, int exitCode) {
        static final Kind FAILED = new Kind("failed", ExitCode.FAILURE);
        static final Kind USAGE = new Kind("usage", ExitCode.USAGE);

        static Kind of(Throwable failure) {
            if (failure instanceof NotFoundException) {
                return new Kind("not-found", ExitCode.NOT_FOUND);
            }
            if (failure instanceof NoBucketException) {
                return new Kind("no-bucket", ExitCode.STORE);
            }
            if (failure instanceof OutcomeUnknownException) {
                return new Kind("outcome-unknown", ExitCode.STORE);
            }
            if (failure instanceof StoreRefusedException) {
                return new Kind("store-refused", ExitCode.STORE);
            }
            if (failure instanceof StoreException refused && !refused.reason().isRetryable()) {
                return new Kind("store-refused", ExitCode.STORE);
            }
            if (failure instanceof UnavailableException || failure instanceof StoreException) {
                return new Kind("store-unavailable", ExitCode.STORE);
            }
            if (failure instanceof ConflictException) {
                return new Kind("conflict", ExitCode.CONFLICT);
            }
            if (failure instanceof CorruptException) {
                return new Kind("damaged", ExitCode.DAMAGED);
            }
            return FAILED;
        }
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, @Nullable ParseResult result) {
        if (failure instanceof ParameterException wrong) {
            return handleParseException(wrong, new String[0]);
        }
        Kind kind = Kind.of(failure);
        boolean expected =
                failure instanceof SatchelException || failure instanceof FailedException || !kind.equals(Kind.FAILED);
        String message = expected || failure instanceof IllegalArgumentException
                ? failure.getMessage()
                : "unexpected: " + failure + "; --debug shows where it came from";
        if (failure instanceof NotFoundException) {
            message += "; satchel users and satchel history USER show what there is";
        }
        return report(command, kind, message, failure, root.json());
    }

    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        boolean json = root.json() || Arrays.asList(args).contains("--json");
        StringBuilder message = new StringBuilder(failure.getMessage());
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            message.append("; did you mean ")
                    .append(String.join(" or ", unmatched.getSuggestions()))
                    .append('?');
        }
        message.append(" (").append(command.getCommandSpec().qualifiedName()).append(" --help shows how)");
        return report(command, Kind.USAGE, message.toString(), failure, json);
    }

    private int report(CommandLine command, Kind kind, @Nullable String message, Throwable failure, boolean json) {
        PrintWriter err = command.getErr();
        String line = String.valueOf(message).replaceAll("\\s*\\R\\s*", " ");
        if (json) {
            Json.print(
                    err,
                    Map.of(
                            "error",
                            Json.object()
                                    .with("kind", kind.token())
                                    .with("message", line)
                                    .with("exitCode", kind.exitCode())
                                    .fields()));
        } else {
            err.println("satchel: " + line);
        }
        if (root.debug()) {
            failure.printStackTrace(err);
        }
        err.flush();
        return kind.exitCode();
    }
}
