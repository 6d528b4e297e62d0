/** Spring's transactions on users' databases, with a schema that Liquibase makes. */
@NullMarked
package dev.satchel.spring.transactions;

import org.jspecify.annotations.NullMarked;
