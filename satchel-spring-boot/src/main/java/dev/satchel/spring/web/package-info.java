/**
 * A request's walk: {@link dev.satchel.spring.web.UserContextFilter} finds who asks,
 * {@link dev.satchel.spring.web.DatabaseSyncFilter} gives the request a unit of work and holds its answer at the output gate
 * ({@link dev.satchel.spring.web.GatedResponse}) until what it reveals is in the store; failures become problem+json answers.
 * Apart from requests, {@link dev.satchel.spring.web.VersionEvents} tells browsers of new versions through
 * {@link dev.satchel.spring.web.VersionEventServlet}. Servlet API, spring-web and, if it is there, the WebSocket API only;
 * everything an application may replace is public.
 */
@NullMarked
package dev.satchel.spring.web;

import org.jspecify.annotations.NullMarked;
