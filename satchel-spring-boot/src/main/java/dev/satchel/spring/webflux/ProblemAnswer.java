package dev.satchel.spring.webflux;

import dev.satchel.spring.internal.Problem;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/** Answers with a {@link Problem}. */
final class ProblemAnswer {
    private static final MediaType TYPE = MediaType.parseMediaType(Problem.CONTENT_TYPE);

    private ProblemAnswer() {}

    /** Makes the problem the answer; the response must not be committed. */
    static Mono<Void> write(Problem problem, ServerHttpResponse response) {
        byte[] body = problem.body();
        response.setStatusCode(HttpStatusCode.valueOf(problem.status()));
        HttpHeaders headers = response.getHeaders();
        headers.setContentType(TYPE);
        headers.setContentLength(body.length);
        if (problem.retryAfterSeconds() > 0) {
            headers.set(HttpHeaders.RETRY_AFTER, Integer.toString(problem.retryAfterSeconds()));
        }
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}
