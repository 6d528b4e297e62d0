package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.store.ObjectStore;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The actuator endpoint {@code satchel}, once the application exposes it. */
@AutoConfiguration(after = SatchelAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(Satchel.class)
@ConditionalOnAvailableEndpoint(endpoint = SatchelEndpoint.class)
public final class SatchelEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    SatchelEndpoint satchelEndpoint(Satchel satchel, ObjectProvider<ObjectStore> store) {
        return new SatchelEndpoint(satchel, store.getIfAvailable());
    }
}
