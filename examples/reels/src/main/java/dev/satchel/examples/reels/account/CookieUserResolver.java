package dev.satchel.examples.reels.account;

import dev.satchel.UserId;
import dev.satchel.examples.reels.ReelsProperties;
import dev.satchel.spring.web.UserResolver;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Says who makes a request: the header in demo mode, else the session cookie. The one thing that Satchel has to be told.
 * Thread-safe.
 */
@Component
class CookieUserResolver implements UserResolver {
    static final String COOKIE = "reels_session";
    static final String HEADER = "X-User-ID";

    private final SessionTokens tokens;
    private final boolean demo;

    CookieUserResolver(SessionTokens tokens, ReelsProperties properties) {
        this.tokens = tokens;
        this.demo = properties.demo();
    }

    @Override
    public Optional<UserId> resolve(HttpServletRequest request) {
        String header = demo ? request.getHeader(HEADER) : null;
        if (header != null) {
            return Optional.of(UserId.of(utf8(header)));
        }
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (Cookie cookie : cookies) {
                if (cookie.getName().equals(COOKIE)) {
                    return tokens.verify(cookie.getValue());
                }
            }
        }
        return Optional.empty();
    }

    /** Servlet containers read headers as ISO 8859-1; a user must not be another one for that. */
    private static String utf8(String header) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("user id in header " + HEADER + " is not UTF-8", e);
        }
    }
}
