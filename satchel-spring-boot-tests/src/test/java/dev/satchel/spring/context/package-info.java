/** Who the work is for, on other threads and in other servers than Tomcat. */
@NullMarked
package dev.satchel.spring.context;

import org.jspecify.annotations.NullMarked;
