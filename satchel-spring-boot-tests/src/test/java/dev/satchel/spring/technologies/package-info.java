/** The starter with each technology that Spring applications use on a DataSource. */
@NullMarked
package dev.satchel.spring.technologies;

import org.jspecify.annotations.NullMarked;
