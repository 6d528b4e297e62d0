package dev.satchel.spring.boot;

import dev.satchel.NodeId;
import dev.satchel.Satchel;
import dev.satchel.spring.UserContext;
import dev.satchel.spring.web.LiveNodes;
import dev.satchel.spring.web.NodeDrain;
import dev.satchel.spring.web.NodeFilter;
import dev.satchel.spring.web.NodePlacement;
import dev.satchel.spring.web.UserResolver;
import dev.satchel.spring.web.VersionEvents;
import jakarta.servlet.Filter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingFilterBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.OncePerRequestFilter;

/** Says which node a user's requests should go to, and lets the node leave without anybody noticing. */
@AutoConfiguration(after = {SatchelAutoConfiguration.class, SatchelEventsAutoConfiguration.class})
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, OncePerRequestFilter.class})
@ConditionalOnBean({Satchel.class, UserResolver.class})
@ConditionalOnBooleanProperty(name = "satchel.web.enabled", matchIfMissing = true)
public final class SatchelNodeAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    NodeDrain satchelNodeDrain(
            ApplicationContext context, ObjectProvider<VersionEvents> events, SatchelProperties properties) {
        return new NodeDrain(
                context, events.getIfAvailable(), properties.drain().notice(), System::nanoTime);
    }

    @Bean
    @ConditionalOnMissingBean
    LiveNodes satchelLiveNodes(SatchelProperties properties) {
        List<NodeId> nodes =
                properties.placement().nodes().stream().map(NodeId::of).toList();
        if (!nodes.isEmpty() && !nodes.contains(self(properties))) {
            throw new IllegalStateException("satchel.placement.nodes is " + nodes + ", and this node is "
                    + self(properties) + "; set satchel.placement.self to its name among them");
        }
        return () -> nodes;
    }

    @Bean
    @ConditionalOnMissingBean
    NodePlacement satchelNodePlacement(LiveNodes nodes, NodeDrain drain, SatchelProperties properties) {
        return new NodePlacement(self(properties), nodes, drain::isDraining);
    }

    private static NodeId self(SatchelProperties properties) {
        String self = properties.placement().self();
        if (self != null) {
            return NodeId.of(self);
        }
        String node = properties.node();
        String name = node == null ? hostName() : node;
        try {
            return NodeId.of(name);
        } catch (IllegalArgumentException e) {
            return NodeId.of("node"); // Somebody who wants a placement is told that it is not among the nodes.
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "";
        }
    }

    @Bean
    @ConditionalOnMissingFilterBean
    FilterRegistrationBean<NodeFilter> satchelNodeFilter(
            NodePlacement placement, NodeDrain drain, UserContext context) {
        FilterRegistrationBean<NodeFilter> registration =
                new FilterRegistrationBean<>(new NodeFilter(placement, drain, context));
        registration.setOrder(NodeFilter.ORDER);
        return registration;
    }

    /** The actuator endpoint {@code satcheldrain}, once the application exposes it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
    @ConditionalOnAvailableEndpoint(endpoint = SatchelDrainEndpoint.class)
    static class DrainEndpoint {
        @Bean
        @ConditionalOnMissingBean
        SatchelDrainEndpoint satchelDrainEndpoint(
                NodeDrain drain, Satchel satchel, ObjectProvider<VersionEvents> events) {
            return new SatchelDrainEndpoint(drain, satchel, events.getIfAvailable());
        }
    }
}
