package dev.satchel.examples.reels.web;

import java.util.List;

/** The request's body is well-formed but not acceptable; answered with 400 and what is wrong field by field. */
public final class InvalidInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<FieldError> errors;

    /** With at least one error. */
    public InvalidInputException(List<FieldError> errors) {
        super(errors.toString());
        this.errors = List.copyOf(errors);
    }

    /** With one error. */
    public InvalidInputException(String field, String message) {
        this(List.of(new FieldError(field, message)));
    }

    /** What is wrong, in the order of the fields. */
    public List<FieldError> errors() {
        return errors;
    }
}
