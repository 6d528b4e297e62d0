/**
 * Version events between nodes over Redis pub/sub: {@link dev.satchel.redis.RedisVersionFeed}. Redis keeps nothing, and no commit
 * waits for it.
 */
@NullMarked
package dev.satchel.redis;

import org.jspecify.annotations.NullMarked;
