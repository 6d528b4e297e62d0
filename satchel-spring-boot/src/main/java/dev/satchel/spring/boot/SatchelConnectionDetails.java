package dev.satchel.spring.boot;

import java.util.Map;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/** Where the store is and what opens it. Made from the properties and the environment unless there is a bean of it. */
public interface SatchelConnectionDetails extends ConnectionDetails {
    /** As {@code satchel.store}. */
    String store();

    /** Where credentials come from. */
    default Map<String, String> environment() {
        return System.getenv();
    }
}
