package dev.satchel.examples.reels.account;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.satchel.UserId;
import dev.satchel.examples.reels.ReelsProperties;
import dev.satchel.examples.reels.web.InvalidInputException;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Signing in and out. Touches no database. */
@RestController
@RequestMapping("/api/session")
class SessionController {
    private final SessionTokens tokens;
    private final CookieUserResolver users;
    private final boolean demo;

    SessionController(SessionTokens tokens, CookieUserResolver users, ReelsProperties properties) {
        this.tokens = tokens;
        this.users = users;
        this.demo = properties.demo();
    }

    /** Who is signed in; the page asks this first, so nobody being so is an answer and not an error. */
    @GetMapping
    Account current(HttpServletRequest request) {
        return new Account(users.resolve(request).map(UserId::value).orElse(null), demo);
    }

    @PostMapping
    ResponseEntity<Account> signIn(@RequestBody SignIn input, HttpServletRequest request) {
        UserId user = user(input.user());
        return ResponseEntity.ok()
                .header(HttpHeaders.SET_COOKIE, cookie(tokens.issue(user), tokens.lifetime(), request))
                .body(new Account(user.value(), demo));
    }

    @DeleteMapping
    ResponseEntity<Void> signOut(HttpServletRequest request) {
        return ResponseEntity.noContent()
                .header(HttpHeaders.SET_COOKIE, cookie("", Duration.ZERO, request))
                .build();
    }

    private static UserId user(@Nullable String name) {
        if (name == null || name.isBlank()) {
            throw new InvalidInputException("user", "A name is needed.");
        }
        try {
            return UserId.of(name.strip());
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("user", "This name cannot be used: " + e.getMessage() + ".");
        }
    }

    private static String cookie(String value, Duration maxAge, HttpServletRequest request) {
        return ResponseCookie.from(CookieUserResolver.COOKIE, value)
                .path("/")
                .httpOnly(true)
                .sameSite("Lax")
                .secure(request.isSecure())
                .maxAge(maxAge)
                .build()
                .toString();
    }

    /** What a client sends to sign in. */
    record SignIn(@Nullable String user) {}

    /**
     * Who is signed in.
     *
     * @param user null if nobody
     * @param demo whether the header X-User-ID is believed
     */
    @JsonPropertyOrder({"user", "demo"})
    record Account(@Nullable String user, boolean demo) {}
}
