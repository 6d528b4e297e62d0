/**
 * The {@code satchel} command. {@link dev.satchel.cli.Main} runs it; one class for each verb, over the public API and nothing
 * else. Results go to standard output as text or, with {@code --json}, as one JSON object; everything else to standard error.
 *
 * <p>Names of options, JSON fields and exit codes are a contract, told in docs/cli.md; nothing here is an API for Java.
 */
@NullMarked
package dev.satchel.cli;

import org.jspecify.annotations.NullMarked;
