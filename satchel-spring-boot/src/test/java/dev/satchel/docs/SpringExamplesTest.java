package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.put;

import dev.satchel.StoreRefusedException;
import dev.satchel.UserId;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import jakarta.servlet.Filter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import org.springframework.test.web.servlet.setup.DefaultMockMvcBuilder;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

/** The examples of docs/spring-boot.md and of the rule sync-no-localstorage do what the pages say. */
class SpringExamplesTest {
    private final InMemoryObjectStore bucket = new InMemoryObjectStore();
    private final List<ConfigurableApplicationContext> nodes = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        nodes.forEach(ConfigurableApplicationContext::close);
    }

    @Test
    void requestsUseTheDatabaseOfWhoAsks() throws Exception {
        ConfigurableApplicationContext node = start();

        MockHttpServletResponse saved = perform(node, post("/notes").content("milk"), "alice");

        assertThat(saved.getStatus()).isEqualTo(201);
        assertThat(saved.getHeader("X-Sync-Status")).isEqualTo("synced");
        assertThat(saved.getHeader("X-Satchel-Version")).isEqualTo("1");
        assertThat(perform(node, get("/notes"), "alice").getContentAsString()).isEqualTo("[\"milk\"]");
        assertThat(perform(node, get("/notes"), "bob").getContentAsString()).isEqualTo("[]");
    }

    @Test
    void draftsAreTheUsersOnEveryNode() throws Exception {
        ConfigurableApplicationContext one = start();
        ConfigurableApplicationContext two = start();

        perform(one, put("/draft").content("Dear"), "alice");
        perform(one, put("/draft").content("Dear Bob"), "alice");

        assertThat(perform(two, get("/draft"), "alice").getContentAsString()).isEqualTo("Dear Bob");
    }

    @Test
    void jobsWorkForAUser() throws Exception {
        ConfigurableApplicationContext node = start();

        node.getBean(NotesApplication.Reminders.class).remind(UserId.of("alice"));

        assertThat(perform(start(), get("/notes"), "alice").getContentAsString())
                .isEqualTo("[\"remember\"]");
    }

    @Test
    void othersAreToldWhenItIsSaved() {
        FaultyObjectStore faulty = new FaultyObjectStore(bucket);
        NotesApplication.Renderer renderer = start(faulty).getBean(NotesApplication.Renderer.class);
        faulty.on(".*", Operation.PUT).always().inject(FaultyObjectStore.Fault.DENIED);

        assertThatThrownBy(() -> renderer.save(UserId.of("alice"), "clip")).isInstanceOf(StoreRefusedException.class);
        assertThat(renderer.finished).isEmpty();
        faulty.clear();
        renderer.save(UserId.of("alice"), "clip");

        assertThat(renderer.finished).containsExactly("alice synced");
    }

    @Test
    void endpointsSayHowNewAndHowSafe() throws Exception {
        ConfigurableApplicationContext node = start();

        assertThat(perform(node, post("/notes/imported").content("milk"), "alice")
                        .getHeader("X-Sync-Status"))
                .isEqualTo("pending");
        assertThat(perform(node, get("/notes/count"), "alice").getContentAsString())
                .isEqualTo("1");
    }

    @Test
    void bookmarksSaveTheQuestion() throws Exception {
        CountingObjectStore counted = new CountingObjectStore(bucket);
        ConfigurableApplicationContext node = start(counted);
        String version = perform(node, post("/notes").content("milk"), "alice").getHeader("X-Satchel-Version");
        counted.requests().reset();

        perform(node, get("/notes").header("X-Bookmark", version), "alice");

        assertThat(counted.requests().count()).isZero();
    }

    @Test
    void eventsReachListenerMethods() throws Exception {
        ConfigurableApplicationContext node = start();

        perform(node, post("/notes").content("milk"), "alice");

        assertThat(node.getBean(NotesApplication.Newer.class).messages).containsExactly("alice is at 1");
    }

    private ConfigurableApplicationContext start() {
        return start(bucket);
    }

    private ConfigurableApplicationContext start(ObjectStore store) {
        ApplicationContextInitializer<GenericApplicationContext> withStore =
                context -> context.registerBean(ObjectStore.class, () -> store);
        ConfigurableApplicationContext node = new SpringApplicationBuilder(
                        NotesApplication.class,
                        NotesApplication.Schema.class,
                        NotesApplication.Notes.class,
                        NotesApplication.Drafts.class,
                        NotesApplication.Reminders.class,
                        NotesApplication.Renderer.class,
                        NotesApplication.Newer.class)
                .initializers(withStore)
                .properties("server.port=0", "satchel.local-directory=" + folder.resolve("node-" + nodes.size()))
                .run();
        nodes.add(node);
        return node;
    }

    private static MockHttpServletResponse perform(
            ConfigurableApplicationContext node, MockHttpServletRequestBuilder request, String user) throws Exception {
        DefaultMockMvcBuilder builder = MockMvcBuilders.webAppContextSetup((WebApplicationContext) node);
        node.getBeanProvider(FilterRegistrationBean.class)
                .orderedStream()
                .map(registration -> (Filter) registration.getFilter())
                .forEach(builder::addFilters);
        MockMvc mvc = builder.build();
        return mvc.perform(request.principal(() -> user)).andReturn().getResponse();
    }
}
