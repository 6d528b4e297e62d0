package dev.satchel.spring.webflux;

import dev.satchel.spring.internal.Refusal;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * A response at the output gate: what a handler writes is held in memory until {@link #release}. A body that outgrows the memory, or
 * that is flushed piece by piece as server-sent events are, leaves earlier, but each piece only after {@link Gate#beforeBytesLeave} has
 * made durable what it may reveal, and its end too.
 *
 * <p>While nothing has left, status, headers and body can still be replaced by another answer. Written by one pipeline at a time, as every
 * response, on whichever threads.
 */
final class GatedServerResponse extends ServerHttpResponseDecorator {
    /** What has to happen first. */
    @FunctionalInterface
    interface Gate {
        /**
         * Makes durable what was committed and seen, and sets headers if they have not left yet. Fails with a {@link
         * dev.satchel.SatchelException} if it cannot; then nothing leaves.
         */
        Mono<Void> beforeBytesLeave();
    }

    /** How far the answer has got. */
    private enum State {
        /** Nothing is written; the handler may set status and headers. */
        OPEN,
        /** It is whole, and waits for the release. */
        HELD,
        /** It leaves piece by piece. */
        LEAVING,
        /** It has left, or is thrown away. */
        OVER
    }

    private static final byte[] NOTHING = new byte[0];

    private final int limit;
    private final Gate gate;
    private final MultiValueMap<String, ResponseCookie> cookiesBefore;
    private final List<String> cookieHeadersBefore;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private volatile byte[] held = NOTHING;

    /**
     * Holds back what is written to {@code response}.
     *
     * @param limit how many bytes are held at most
     */
    GatedServerResponse(ServerHttpResponse response, int limit, Gate gate) {
        super(response);
        this.limit = limit;
        this.gate = gate;
        this.cookiesBefore = new LinkedMultiValueMap<>(response.getCookies());
        this.cookieHeadersBefore = List.copyOf(response.getHeaders().getOrEmpty(HttpHeaders.SET_COOKIE));
    }

    /** Whether status and headers have left, so that they are final. */
    boolean hasLeft() {
        return getDelegate().isCommitted();
    }

    /** Lets what is held go; the gate's condition must hold. Of an answer that the handler has not written, nothing is. */
    Mono<Void> release() {
        if (!state.compareAndSet(State.HELD, State.OVER)) {
            return Mono.empty();
        }
        byte[] body = held;
        if (body.length == 0) {
            return getDelegate().setComplete();
        }
        HttpHeaders headers = getDelegate().getHeaders();
        if (headers.getContentLength() < 0 && !headers.containsHeader(HttpHeaders.TRANSFER_ENCODING)) {
            headers.setContentLength(body.length);
        }
        return getDelegate().writeWith(Mono.fromSupplier(() -> wrapped(body)));
    }

    /** Throws away what is held. Headers and status stay. */
    void discard() {
        state.set(State.OVER);
        held = NOTHING;
    }

    /** Puts another answer in the place of what the handler wrote; nothing may have left. */
    Mono<Void> replace(Refusal refusal) {
        discard();
        ServerHttpResponse outer = getDelegate();
        HttpHeaders headers = outer.getHeaders();
        List.copyOf(headers.headerNames()).stream()
                .filter(name -> !Refusal.keepsHeader(name))
                .forEach(headers::remove);
        cookieHeadersBefore.forEach(value -> headers.add(HttpHeaders.SET_COOKIE, value));
        outer.getCookies().clear();
        outer.getCookies().putAll(cookiesBefore);
        refusal.headers().forEach(headers::set);
        return ProblemAnswer.write(refusal.problem(), outer);
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        return Mono.deferContextual(context -> pieces(body, context)
                .switchOnFirst((first, pieces) -> {
                    List<byte[]> piece = first.get();
                    if (piece != null && size(piece) > limit) {
                        return getDelegate().writeWith(gated(pieces)).thenMany(Flux.<Void>empty());
                    }
                    return pieces.thenMany(Flux.defer(() -> {
                        hold(piece == null ? List.of() : piece);
                        return Flux.<Void>empty();
                    }));
                })
                .then());
    }

    @Override
    public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
        return Mono.deferContextual(context -> {
            Flux<Flux<DataBuffer>> flushed = Flux.from(body)
                    .contextWrite(context)
                    .concatMap(part -> pieces(part, context), 0)
                    .concatMap(piece -> passed(piece), 0);
            return getDelegate().writeAndFlushWith(flushed.concatWith(gatedEnd()));
        });
    }

    @Override
    public Mono<Void> setComplete() {
        return Mono.fromRunnable(() -> hold(List.of()));
    }

    @Override
    public boolean isCommitted() {
        return state.get() != State.OPEN || hasLeft();
    }

    @Override
    public boolean setStatusCode(@Nullable HttpStatusCode status) {
        return state.get() == State.OPEN && super.setStatusCode(status);
    }

    @Override
    public HttpHeaders getHeaders() {
        HttpHeaders headers = super.getHeaders();
        return state.get() == State.OPEN ? headers : HttpHeaders.readOnlyHttpHeaders(headers);
    }

    @Override
    public void addCookie(ResponseCookie cookie) {
        if (state.get() != State.OPEN) {
            throw new IllegalStateException("the response has been committed, no cookie can be added any more");
        }
        super.addCookie(cookie);
    }

    /** Each but the last is larger than the limit. What asks for them has the pipeline's context, wherever it comes from. */
    private Flux<List<byte[]>> pieces(Publisher<? extends DataBuffer> body, ContextView context) {
        return Flux.defer(() -> {
            Filling filling = new Filling();
            return Flux.from(body)
                    .contextWrite(context)
                    .map(GatedServerResponse::bytesOf)
                    .bufferUntil(bytes -> filling.isOver(bytes.length, limit));
        });
    }

    private Flux<DataBuffer> gated(Flux<List<byte[]>> pieces) {
        return pieces.concatMap(piece -> passed(piece).flatMapMany(buffers -> buffers), 0)
                .concatWith(gatedEnd());
    }

    private Mono<Flux<DataBuffer>> passed(List<byte[]> piece) {
        return gate.beforeBytesLeave().then(Mono.fromSupplier(() -> {
            state.set(State.LEAVING);
            return Flux.fromIterable(piece).map(this::wrapped);
        }));
    }

    /** Whoever reads the end of an answer must know that all of it is saved. */
    private <T> Mono<T> gatedEnd() {
        return Mono.defer(gate::beforeBytesLeave).then(Mono.empty());
    }

    private void hold(List<byte[]> piece) {
        byte[] all = joined(piece);
        if (state.compareAndSet(State.OPEN, State.HELD)) {
            held = all;
        }
    }

    private DataBuffer wrapped(byte[] bytes) {
        return bufferFactory().wrap(bytes);
    }

    private static byte[] bytesOf(DataBuffer buffer) {
        try {
            byte[] bytes = new byte[buffer.readableByteCount()];
            buffer.read(bytes);
            return bytes;
        } finally {
            DataBufferUtils.release(buffer);
        }
    }

    private static int size(List<byte[]> piece) {
        return piece.stream().mapToInt(bytes -> bytes.length).sum();
    }

    private static byte[] joined(List<byte[]> piece) {
        if (piece.size() == 1) {
            return piece.get(0);
        }
        byte[] all = new byte[size(piece)];
        int at = 0;
        for (byte[] bytes : piece) {
            System.arraycopy(bytes, 0, all, at, bytes.length);
            at += bytes.length;
        }
        return all;
    }

    /** Counts the bytes of a piece. */
    private static final class Filling {
        private int count;

        boolean isOver(int more, int limit) {
            count += more;
            if (count <= limit) {
                return false;
            }
            count = 0;
            return true;
        }
    }
}
