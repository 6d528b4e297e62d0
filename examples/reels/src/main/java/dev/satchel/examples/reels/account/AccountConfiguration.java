package dev.satchel.examples.reels.account;

import dev.satchel.examples.reels.ReelsProperties;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes what signing in needs. */
@Configuration(proxyBeanMethods = false)
class AccountConfiguration {
    private static final int SECRET_LENGTH = 32;

    @Bean
    SessionTokens sessionTokens(ReelsProperties properties, InstantSource clock) {
        String configured = properties.sessionSecret();
        byte[] secret;
        if (configured == null) {
            secret = new byte[SECRET_LENGTH];
            new SecureRandom().nextBytes(secret);
        } else {
            secret = configured.getBytes(StandardCharsets.UTF_8);
        }
        return new SessionTokens(secret, properties.sessionLifetime(), clock);
    }
}
