package dev.satchel.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import software.amazon.awssdk.core.ResponseInputStream;

/** An object's bytes as they arrive: never fewer than announced, and never slower than allowed. Confined to one thread. */
final class S3Body extends FilterInputStream {
    private final ResponseInputStream<?> response;
    private final long expected;
    private final LongSupplier nanoTime;
    private final long begin;
    private final Duration limit;
    private long remaining;
    private boolean closed;

    S3Body(ResponseInputStream<?> response, long expected, Duration limit, LongSupplier nanoTime) {
        super(response);
        this.response = response;
        this.expected = expected;
        this.remaining = expected;
        this.limit = limit;
        this.nanoTime = nanoTime;
        this.begin = nanoTime.getAsLong();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("stream is closed");
        }
        if (nanoTime.getAsLong() - begin > limit.toNanos()) {
            throw new IOException(
                    "only " + (expected - remaining) + " of " + expected + " bytes arrived within " + limit);
        }
        int read;
        try {
            read = super.read(bytes, offset, length);
        } catch (RuntimeException e) {
            // The SDK reports an interrupt so; to a reader it is a stream that broke.
            throw new IOException("reading was aborted: " + e.getMessage(), e);
        }
        if (read < 0 && remaining > 0) {
            throw new IOException("body ended after " + (expected - remaining) + " of " + expected + " bytes");
        }
        remaining -= Math.max(read, 0);
        if (remaining < 0) {
            throw new IOException("body is longer than the " + expected + " bytes announced");
        }
        return read;
    }

    @Override
    public long skip(long n) throws IOException {
        byte[] skipped = new byte[(int) Math.min(8192, Math.max(n, 0))];
        return n <= 0 ? 0 : Math.max(0, read(skipped, 0, skipped.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /** Closing a stream that is not read to its end would first read the rest, which may be long. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (remaining > 0) {
            response.abort();
        } else {
            super.close();
        }
    }
}
