package dev.satchel.spring.web;

import dev.satchel.spring.internal.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers with a {@link Problem}. */
final class ProblemAnswer {
    private ProblemAnswer() {}

    /** Makes the problem the answer; the response must not be committed nor have a body. */
    static void write(Problem problem, HttpServletResponse response) throws IOException {
        byte[] body = problem.body();
        response.setStatus(problem.status());
        response.setContentType(Problem.CONTENT_TYPE);
        response.setContentLength(body.length);
        if (problem.retryAfterSeconds() > 0) {
            response.setIntHeader("Retry-After", problem.retryAfterSeconds());
        }
        response.getOutputStream().write(body);
    }
}
