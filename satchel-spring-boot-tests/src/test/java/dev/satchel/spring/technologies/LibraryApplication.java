package dev.satchel.spring.technologies;

import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** An application with every technology at once, on one DataSource. */
@SpringBootApplication
class LibraryApplication {

    /** Starts it over a store, without a web server; the local folder must be nobody else's. */
    static ConfigurableApplicationContext start(ObjectStore bucket, Path localFolder, String... properties) {
        ApplicationContextInitializer<GenericApplicationContext> store =
                context -> context.registerBean(ObjectStore.class, () -> bucket);
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("satchel.local-directory=" + localFolder);
        return new SpringApplicationBuilder(LibraryApplication.class)
                .web(WebApplicationType.NONE)
                .initializers(store)
                .properties(all.toArray(String[]::new))
                .run();
    }
}
