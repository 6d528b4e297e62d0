/** What Spring Data JDBC has to know of SQLite. Used if Spring Data JDBC is there. */
@NullMarked
package dev.satchel.spring.data;

import org.jspecify.annotations.NullMarked;
