/**
 * Auto-configuration: settings ({@link dev.satchel.spring.boot.SatchelProperties}) become beans of {@link dev.satchel.Satchel}, the
 * store, the DataSource, the servlet filters, metrics, health and the actuator endpoint; each gives way to the application's own
 * bean. Depends on the packages above it, nothing depends on this one.
 */
@NullMarked
package dev.satchel.spring.boot;

import org.jspecify.annotations.NullMarked;
