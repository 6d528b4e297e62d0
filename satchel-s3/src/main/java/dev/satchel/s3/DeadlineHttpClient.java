package dev.satchel.s3;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Aborts a request that takes longer than its share by closing its connection. The SDK's own time-outs interrupt the calling
 * thread instead, and an interrupt of somebody else's that comes at the same time is lost then.
 *
 * <p>Thread-safe. One thread, which only closes connections.
 */
final class DeadlineHttpClient implements SdkHttpClient {
    /** The store did not answer within the time-out for a call. */
    static final class CallTimeoutException extends IOException {
        private static final long serialVersionUID = 1L;

        CallTimeoutException(Duration limit, IOException cause) {
            super("no answer within " + limit, cause);
        }
    }

    private final SdkHttpClient delegate;
    private final S3Timeouts timeouts;
    private final ScheduledThreadPoolExecutor deadlines;

    DeadlineHttpClient(SdkHttpClient delegate, S3Timeouts timeouts) {
        this.delegate = delegate;
        this.timeouts = timeouts;
        this.deadlines = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "satchel-s3-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        // Nearly every deadline is cancelled; none of them is to wait for its time in memory.
        deadlines.setRemoveOnCancelPolicy(true);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        long bytes = request.httpRequest()
                .firstMatchingHeader("Content-Length")
                .map(Long::parseLong)
                .orElse(0L);
        return new Timed(delegate.prepareRequest(request), timeouts.callWith(bytes));
    }

    @Override
    public String clientName() {
        return delegate.clientName();
    }

    @Override
    public void close() {
        delegate.close();
        deadlines.shutdownNow();
    }

    private final class Timed implements ExecutableHttpRequest {
        private final ExecutableHttpRequest request;
        private final Duration limit;
        private volatile boolean expired;

        Timed(ExecutableHttpRequest request, Duration limit) {
            this.request = request;
            this.limit = limit;
        }

        @Override
        public HttpExecuteResponse call() throws IOException {
            Future<?> deadline = deadlines.schedule(this::expire, limit.toNanos(), TimeUnit.NANOSECONDS);
            try {
                return request.call();
            } catch (IOException e) {
                if (expired) {
                    throw new CallTimeoutException(limit, e);
                }
                throw e;
            } finally {
                deadline.cancel(false);
            }
        }

        @Override
        public void abort() {
            request.abort();
        }

        private void expire() {
            expired = true;
            request.abort();
        }
    }
}
