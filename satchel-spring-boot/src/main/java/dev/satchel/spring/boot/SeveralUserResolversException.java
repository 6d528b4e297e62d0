package dev.satchel.spring.boot;

import java.io.Serial;
import java.util.List;

/** There is more than one {@code UserResolver} or {@code ReactiveUserResolver} and none is primary. */
final class SeveralUserResolversException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    SeveralUserResolversException(List<String> names, RuntimeException cause) {
        super(
                "there are " + names.size()
                        + " UserResolver beans, and only one can say whose database a request is about: "
                        + String.join(", ", names),
                cause);
    }
}
