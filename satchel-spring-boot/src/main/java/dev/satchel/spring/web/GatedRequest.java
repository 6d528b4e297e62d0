package dev.satchel.spring.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request whose asynchronous continuation keeps to the output gate: it writes to the gated response, and its
 * {@link AsyncContext#complete()} ends the exchange first.
 */
final class GatedRequest extends HttpServletRequestWrapper {
    private final GatedExchange exchange;

    GatedRequest(HttpServletRequest request, GatedExchange exchange) {
        super(request);
        this.exchange = exchange;
    }

    @Override
    public AsyncContext startAsync() {
        return startAsync(this, exchange.response());
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
        return new GatedAsyncContext(super.startAsync(request, response), exchange);
    }

    @Override
    public @Nullable AsyncContext getAsyncContext() {
        AsyncContext context = super.getAsyncContext();
        // Where a container throws because nothing asynchronous has begun, Spring's mock request has null.
        return context == null ? null : new GatedAsyncContext(context, exchange);
    }

    /** Ends the exchange before the container ends the response. */
    private static final class GatedAsyncContext implements AsyncContext {
        private final AsyncContext context;
        private final GatedExchange exchange;

        GatedAsyncContext(AsyncContext context, GatedExchange exchange) {
            this.context = context;
            this.exchange = exchange;
        }

        @Override
        public void complete() {
            try {
                exchange.finish();
            } catch (IOException | ServletException | RuntimeException e) {
                // The client is gone, or has half an answer: ending the response normally would make that look whole.
                breakOff(e);
                throw new IllegalStateException("the answer cannot be sent", e);
            }
            context.complete();
        }

        /** Only a dispatch that fails makes a container break off; without, a request without a time-out would never end. */
        private void breakOff(Exception reason) {
            exchange.breakOff(reason);
            try {
                context.dispatch();
            } catch (RuntimeException e) {
                reason.addSuppressed(e);
            }
        }

        @Override
        public ServletRequest getRequest() {
            return context.getRequest();
        }

        @Override
        public ServletResponse getResponse() {
            return context.getResponse();
        }

        @Override
        public boolean hasOriginalRequestAndResponse() {
            return context.hasOriginalRequestAndResponse();
        }

        @Override
        public void dispatch() {
            context.dispatch();
        }

        @Override
        public void dispatch(String path) {
            context.dispatch(path);
        }

        @Override
        public void dispatch(ServletContext servletContext, String path) {
            context.dispatch(servletContext, path);
        }

        @Override
        public void start(Runnable run) {
            context.start(run);
        }

        @Override
        public void addListener(AsyncListener listener) {
            context.addListener(new GatedListener(listener, exchange));
        }

        @Override
        public void addListener(AsyncListener listener, ServletRequest request, ServletResponse response) {
            context.addListener(new GatedListener(listener, exchange), request, response);
        }

        @Override
        public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
            return context.createListener(type);
        }

        @Override
        public void setTimeout(long milliseconds) {
            context.setTimeout(milliseconds);
        }

        @Override
        public long getTimeout() {
            return context.getTimeout();
        }
    }

    /** A listener that is shown the gated context: what it answers and completes goes through the gate, too. */
    private record GatedListener(AsyncListener listener, GatedExchange exchange) implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) throws IOException {
            listener.onComplete(gated(event));
        }

        @Override
        public void onTimeout(AsyncEvent event) throws IOException {
            listener.onTimeout(gated(event));
        }

        @Override
        public void onError(AsyncEvent event) throws IOException {
            listener.onError(gated(event));
        }

        @Override
        public void onStartAsync(AsyncEvent event) throws IOException {
            listener.onStartAsync(gated(event));
        }

        private AsyncEvent gated(AsyncEvent event) {
            return new AsyncEvent(
                    new GatedAsyncContext(event.getAsyncContext(), exchange),
                    event.getSuppliedRequest(),
                    event.getSuppliedResponse(),
                    event.getThrowable());
        }
    }
}
