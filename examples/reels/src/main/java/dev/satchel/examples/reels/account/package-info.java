/**
 * Who asks: signing in and out, the signed session cookie, and the bean that tells Satchel the user of a request.
 *
 * <p>There are no passwords; whoever knows a name may use it. That is fit for a demo on one's own machine and nothing else.
 */
@NullMarked
package dev.satchel.examples.reels.account;

import org.jspecify.annotations.NullMarked;
