/**
 * Who the current work is for, and its database: {@link dev.satchel.spring.UserContext}, {@link dev.satchel.spring.SatchelScopes}
 * for jobs, {@link dev.satchel.spring.SatchelDataSource} for JDBC. Knows nothing of servlets nor of auto-configuration, which live
 * in the packages below. What the current thread works for is kept in the {@code UserContext} instance, not in a static.
 */
@NullMarked
package dev.satchel.spring;

import org.jspecify.annotations.NullMarked;
