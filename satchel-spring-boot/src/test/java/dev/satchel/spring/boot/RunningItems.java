package dev.satchel.spring.boot;

import dev.satchel.spring.boot.ItemsApplication.Beans;
import dev.satchel.spring.boot.ItemsApplication.ItemController;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.RequestLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** An {@link ItemsApplication} on a free port, with faults and a count of its requests to the store. */
public final class RunningItems extends ItemsClient implements AutoCloseable {
    private final ConfigurableApplicationContext context;
    private final FaultyObjectStore faults;
    private final CountingObjectStore counted;

    private RunningItems(
            ConfigurableApplicationContext context, FaultyObjectStore faults, CountingObjectStore counted) {
        super(((WebServerApplicationContext) context).getWebServer().getPort());
        this.context = context;
        this.faults = faults;
        this.counted = counted;
    }

    /** Starts it over a store; the local folder must be nobody else's. */
    public static RunningItems start(ObjectStore bucket, Path localFolder, String... properties) {
        return start(bucket, localFolder, List.of(), properties);
    }

    /** The same with more beans. */
    public static RunningItems start(ObjectStore bucket, Path localFolder, List<Class<?>> beans, String... properties) {
        FaultyObjectStore faults = new FaultyObjectStore(bucket);
        CountingObjectStore counted = new CountingObjectStore(faults);
        ApplicationContextInitializer<GenericApplicationContext> store =
                context -> context.registerBean(ObjectStore.class, () -> counted);
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("server.port=0");
        all.add("satchel.local-directory=" + localFolder);
        all.add("management.endpoints.web.exposure.include=satchel,satcheldrain,health");
        List<Class<?>> sources = new ArrayList<>(beans);
        sources.add(Beans.class);
        sources.add(ItemController.class);
        ConfigurableApplicationContext context = new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
                .initializers(store)
                .properties(all.toArray(String[]::new))
                .run();
        return new RunningItems(context, faults, counted);
    }

    /** What goes wrong between it and the store. */
    public FaultyObjectStore faults() {
        return faults;
    }

    /** What it asked the store for. */
    public RequestLog requests() {
        return counted.requests();
    }

    /** A bean of it. */
    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
