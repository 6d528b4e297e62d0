package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example of the README. */
class ReadmeTest extends Examples {

    @Test
    void exampleKeepsItsNotesInTheBucket() throws Exception {
        QuickStart.main(new String[] {folder.toString()});
        QuickStart.main(new String[] {folder.toString()});

        try (ObjectStore bucket = new DirectoryObjectStore(folder.resolve("bucket"))) {
            assertThat(query(node(bucket), "select text from note"))
                    .isEqualTo(List.of("remember the milk", "remember the milk"));
        }
    }
}
