package dev.satchel.spring.webflux;

import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.internal.EndpointAnnotations;
import dev.satchel.spring.internal.RequestModes;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.core.Ordered;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.reactive.HandlerAdapter;
import org.springframework.web.reactive.HandlerResult;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Applies {@link dev.satchel.spring.web.RequestFreshness} and {@link dev.satchel.spring.web.RequestDurability} to a request once it is
 * known which method answers it, and has that method called. What a filter used before is completed with what was configured. Methods
 * without these annotations are none of its business. Thread-safe.
 */
public final class EndpointModeAdapter implements HandlerAdapter, Ordered {
    /** The attribute of an exchange that holds its unit of work. */
    static final String UNIT_ATTRIBUTE = UnitOfWork.class.getName();

    private final Supplier<? extends HandlerAdapter> calling;
    private final BlockingWork blocking;
    private final EndpointAnnotations annotations = new EndpointAnnotations();

    /**
     * Comes before other adapters.
     *
     * @param calling calls the methods
     * @param scheduler where sessions are completed
     */
    public EndpointModeAdapter(Supplier<? extends HandlerAdapter> calling, Scheduler scheduler) {
        this.calling = Objects.requireNonNull(calling, "calling");
        this.blocking = new BlockingWork(scheduler);
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    /**
     * Looks at the annotations of a method that answers requests.
     *
     * @throws IllegalArgumentException if a value cannot be one
     */
    public void check(HandlerMethod handler) {
        annotations.of(handler);
    }

    @Override
    public boolean supports(Object handler) {
        return handler instanceof HandlerMethod method
                && !annotations.of(method).isUnsaid();
    }

    @Override
    public Mono<HandlerResult> handle(ServerWebExchange exchange, Object handler) {
        HandlerMethod method = (HandlerMethod) handler;
        EndpointAnnotations.Modes said = annotations.of(method);
        Mono<HandlerResult> called = Mono.defer(() -> calling.get().handle(exchange, handler));
        if (!(exchange.getAttribute(RequestModes.ATTRIBUTE) instanceof RequestModes modes)
                || !(exchange.getAttribute(UNIT_ATTRIBUTE) instanceof UnitOfWork unit)) {
            return called;
        }
        modes.annotated(said.freshness(), said.durability());
        if (!unit.isUsed()) {
            EndpointAnnotations.use(unit, modes, method);
            return called;
        }
        return blocking.<Void>call(() -> {
                    EndpointAnnotations.use(unit, modes, method);
                    return null;
                })
                .then(called);
    }
}
