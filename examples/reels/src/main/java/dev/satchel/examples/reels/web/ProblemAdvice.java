package dev.satchel.examples.reels.web;

import dev.satchel.ArchiveException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;

/** Turns the application's and Spring's own exceptions into {@code application/problem+json}. */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

    @ExceptionHandler
    ProblemDetail invalidInput(InvalidInputException e) {
        return invalid(e.errors());
    }

    @ExceptionHandler
    ProblemDetail noSuchThing(NoSuchThingException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, e.getMessage());
    }

    /** What was archived cannot come back as things are now. */
    @ExceptionHandler
    ProblemDetail archiveRefused(ArchiveException e) {
        String why = switch (e.kind()) {
            case KEY_IN_USE -> "Something else has its place by now.";
            case REFERENCE_MISSING -> "The game that it belongs to is gone.";
            case SCHEMA_DIFFERS -> "It is of an older release of Reels.";
            case OTHER_CONTENT, TOO_LARGE -> "The archive does not take it.";
        };
        return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, why);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        FieldError error = e.getCause() instanceof JacksonException cause
                ? unreadable(cause)
                : new FieldError("", "A JSON object is needed as the body.");
        return handleExceptionInternal(e, invalid(List.of(error)), headers, HttpStatus.BAD_REQUEST, request);
    }

    /** Says where, in words that need no knowledge of Java; Jackson's own message names classes. */
    private static FieldError unreadable(JacksonException e) {
        if (e instanceof DatabindException && !e.getPath().isEmpty()) {
            return new FieldError(path(e), "This is missing or of the wrong type.");
        }
        if (e instanceof DatabindException) {
            return new FieldError("", "A JSON object is needed as the body.");
        }
        if (e instanceof StreamConstraintsException) {
            return new FieldError("", "The body is too long or too deep.");
        }
        TokenStreamLocation where = e.getLocation();
        return new FieldError(
                "",
                "The body is not the JSON that is needed"
                        + (where == null
                                ? "."
                                : ", see line " + where.getLineNr() + ", column " + where.getColumnNr() + "."));
    }

    private static String path(JacksonException e) {
        String path = e.getPath().stream()
                .map(step ->
                        step.getPropertyName() == null ? "[" + step.getIndex() + "]" : "." + step.getPropertyName())
                .collect(Collectors.joining());
        return path.startsWith(".") ? path.substring(1) : path;
    }

    private static ProblemDetail invalid(List<FieldError> errors) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.BAD_REQUEST,
                errors.stream()
                        .map(error ->
                                error.field().isEmpty() ? error.message() : error.field() + ": " + error.message())
                        .collect(Collectors.joining(" ")));
        problem.setProperty("errors", errors);
        return problem;
    }
}
