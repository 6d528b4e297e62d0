/** Version events over Redis, with the client that Spring Boot manages. */
@NullMarked
package dev.satchel.spring.redis;

import org.jspecify.annotations.NullMarked;
