package dev.satchel.cloudflare;

import dev.satchel.store.Sleeper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Sends signed requests to the Worker, again where that may help. Thread-safe; blocks. */
final class WorkerClient {
    private static final String DIGEST = "satchel-digest";
    private static final String RETRY_AFTER = "retry-after";
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final byte[] NOTHING = {};

    private final DurableObjectsConfig config;
    private final RequestSigner signer;
    private final LongSupplier nanoTime;
    private final Sleeper sleeper;
    private final DoubleSupplier random;
    private final HttpClient http;

    WorkerClient(
            DurableObjectsConfig config,
            InstantSource clock,
            LongSupplier nanoTime,
            Sleeper sleeper,
            DoubleSupplier random) {
        this.config = config;
        this.signer = new RequestSigner(config.key(), clock);
        this.nanoTime = nanoTime;
        this.sleeper = sleeper;
        this.random = random;
        boolean secure = "https".equals(config.url().getScheme());
        this.http = HttpClient.newBuilder()
                // Over plain http the client would ask for an upgrade that workerd does not know.
                .version(secure ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(config.connectTimeout())
                .build();
    }

    /**
     * Until an attempt has a clear answer, nothing may help any more, or the policy says that it is enough.
     *
     * @param attempt is given what became of the one before, null the first time
     */
    Answer repeating(Function<@Nullable Answer, Answer> attempt) {
        long begin = nanoTime.getAsLong();
        Answer answer = null;
        for (int tried = 1; ; tried++) {
            answer = attempt.apply(answer);
            if (!mayHeal(answer) || tried == config.retry().attempts()) {
                return answer;
            }
            Duration asked =
                    answer instanceof Answer.Unclear unclear ? unclear.pause().orElse(Duration.ZERO) : Duration.ZERO;
            Duration pause = asked.plus(config.retry().delay(tried, random.getAsDouble()));
            Duration after = Duration.ofNanos(nanoTime.getAsLong() - begin).plus(pause);
            if (after.compareTo(config.retry().maxElapsed()) > 0) {
                return answer;
            }
            try {
                sleeper.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return answer;
            }
        }
    }

    /**
     * One attempt.
     *
     * @param pathAndQuery of characters that stand for themselves
     * @param body null for none
     * @param most how long an answer may be
     */
    Answer send(String method, String pathAndQuery, byte @Nullable [] body, long most) {
        HttpRequest request = HttpRequest.newBuilder(config.url().resolve(pathAndQuery))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .header("Authorization", signer.authorization(method, pathAndQuery, body == null ? NOTHING : body))
                .timeout(config.requestTimeout())
                .build();
        // The request's own time-out ends with the head of the answer; this one is for the body too.
        CompletableFuture<HttpResponse<byte[]>> response = http.sendAsync(request, LimitedBody.of(most));
        try {
            return answer(response.get(config.requestTimeout().toNanos(), TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            return unclear(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            response.cancel(true);
            return unclear(e);
        } catch (InterruptedException e) {
            response.cancel(true);
            Thread.currentThread().interrupt();
            return new Answer.Unclear("the thread was interrupted", false, Optional.empty(), e);
        }
    }

    private static boolean mayHeal(Answer answer) {
        if (answer instanceof Answer.Refused refused) {
            return refused.code().isRetryable();
        }
        return answer instanceof Answer.Unclear unclear && unclear.retryable();
    }

    private static Answer answer(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 200) {
            return new Answer.Done(
                    response.body(), response.headers().firstValue(DIGEST).orElse(null));
        }
        Optional<Answer.Refused> refused = WorkerJson.error(response.body());
        Optional<Duration> pause = pause(response.headers());
        if (refused.isPresent() && pause.isEmpty()) {
            return refused.get();
        }
        boolean retryable = status >= 500 || status == TOO_MANY || status == TIMEOUT;
        String what = refused.map(error -> "HTTP " + status + ": " + error.message())
                .orElse("HTTP " + status + (retryable ? "" : ", which is no answer of Satchel's Worker"));
        return new Answer.Unclear(what, retryable, pause, null);
    }

    /** In seconds; dates are ignored, and so are waits that nobody would wait for. */
    private static Optional<Duration> pause(HttpHeaders headers) {
        return headers.firstValue(RETRY_AFTER)
                .filter(value -> value.matches("[0-9]{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)));
    }

    private Answer unclear(Throwable failure) {
        String what = failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException
                ? "no connection"
                : failure instanceof TimeoutException || failure instanceof java.net.http.HttpTimeoutException
                        ? "no answer within " + config.requestTimeout()
                        : failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return new Answer.Unclear(
                what, failure instanceof IOException || failure instanceof TimeoutException, Optional.empty(), failure);
    }
}
