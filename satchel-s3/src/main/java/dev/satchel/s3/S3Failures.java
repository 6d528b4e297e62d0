package dev.satchel.s3;

import dev.satchel.s3.DeadlineHttpClient.CallTimeoutException;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;

/** What a failure of the SDK means, and what to do about it. */
final class S3Failures {
    /** Before a single byte of the request has been sent. */
    private static final List<Class<? extends Throwable>> NOT_SENT = List.of(
            UnknownHostException.class,
            ConnectException.class,
            NoRouteToHostException.class,
            ConnectTimeoutException.class,
            ConnectionRequestTimeoutException.class,
            SSLHandshakeException.class,
            SSLPeerUnverifiedException.class);

    private final S3StoreConfig config;

    S3Failures(S3StoreConfig config) {
        this.config = config;
    }

    /**
     * The failure of a request as the SPI knows it.
     *
     * @param what was attempted, with the key
     */
    StoreException translate(String what, RuntimeException failure) {
        return failure instanceof AwsServiceException answer ? answered(what, answer) : unanswered(what, failure);
    }

    /** The error code of an answer, empty if the answer has none: then it may not come from an object store at all. */
    static String code(AwsServiceException answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        String code = details == null ? null : details.errorCode();
        return code == null ? "" : code;
    }

    private StoreException answered(String what, AwsServiceException e) {
        int status = e.statusCode();
        String code = code(e);
        Reason reason = reason(status, code);
        String text = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
        String message = begin(what) + ": " + status + (code.isEmpty() ? "" : " " + code)
                + (text == null || text.isEmpty() ? "" : " (" + text + ")")
                + (e.requestId() == null ? "" : ", request id " + e.requestId())
                + advice(status, code, reason);
        return new StoreException(reason, message, e, retryAfter(e));
    }

    private static Reason reason(int status, String code) {
        if (status == 429 || code.equals("SlowDown") || code.equals("TooManyRequests")) {
            return Reason.THROTTLED;
        }
        if (status == 401 || status == 403) {
            return Reason.DENIED;
        }
        if (status == 501) {
            return Reason.REJECTED;
        }
        // 408 and RequestTimeout: the body did not arrive in time, for all the store knows.
        boolean unknown = status >= 500 || status == 408 || status == 409 || code.equals("RequestTimeout");
        return unknown ? Reason.UNKNOWN_OUTCOME : Reason.REJECTED;
    }

    private String advice(int status, String code, Reason reason) {
        if (code.equals("NoSuchBucket")) {
            return ". The bucket " + config.bucket() + " does not exist there; create it, or check its name"
                    + (config.endpoint() == null ? " and region" : ", account and endpoint");
        }
        if (status == 404) {
            return ". This is not how an object store says that an object is absent; check the endpoint";
        }
        if (code.equals("RequestTimeTooSkewed")) {
            return ". The clock of this machine is wrong; set it";
        }
        if (code.equals("SignatureDoesNotMatch") || code.equals("InvalidAccessKeyId") || status == 401) {
            return ". Check the access key and its secret, and that they belong to this account";
        }
        if (code.equals("AuthorizationHeaderMalformed") || code.equals("PermanentRedirect") || status / 100 == 3) {
            return ". Check the region (now " + config.region() + ") and the endpoint";
        }
        if (status == 501) {
            return ". The store does not know this kind of request, such as conditional writes; use another store";
        }
        return switch (reason) {
            case DENIED ->
                ". Give the credentials the right to get, put, list and delete objects of this bucket; without the right to"
                        + " list, some stores answer so for absent objects too";
            case THROTTLED -> ". Too many requests, or more than one write a second to one key; come back later";
            case UNKNOWN_OUTCOME -> ". It may or may not have taken effect";
            case REJECTED, NOT_SENT, IO, DAMAGED -> ". It has not taken effect";
        };
    }

    private static @Nullable Duration retryAfter(AwsServiceException e) {
        if (e.awsErrorDetails() == null || e.awsErrorDetails().sdkHttpResponse() == null) {
            return null;
        }
        return e.awsErrorDetails()
                .sdkHttpResponse()
                .firstMatchingHeader("Retry-After")
                .filter(value -> value.matches("[0-9]{1,5}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(null);
    }

    private StoreException unanswered(String what, RuntimeException failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof StoreException known) {
                return new StoreException(known.reason(), begin(what) + ": " + known.getMessage(), failure);
            }
            if (t instanceof UnreadableBodyException) {
                return new StoreException(
                        Reason.IO, begin(what) + ": the body could not be read: " + t.getMessage(), failure);
            }
            if (t instanceof CallTimeoutException) {
                return new StoreException(
                        Reason.UNKNOWN_OUTCOME,
                        begin(what) + ": " + t.getMessage() + ". It may or may not have taken effect",
                        failure);
            }
            if (t instanceof AbortedException || t instanceof InterruptedException) {
                Thread.currentThread().interrupt();
                return new StoreException(
                        Reason.UNKNOWN_OUTCOME,
                        begin(what) + ": the thread was interrupted. It may or may not have taken effect",
                        failure);
            }
            for (Class<? extends Throwable> type : NOT_SENT) {
                if (type.isInstance(t)) {
                    return notSent(what, t, failure);
                }
            }
        }
        return new StoreException(
                Reason.UNKNOWN_OUTCOME,
                begin(what) + ": no answer: " + innermost(failure) + ". It may or may not have taken effect",
                failure);
    }

    private StoreException notSent(String what, Throwable cause, RuntimeException failure) {
        String advice = cause instanceof ConnectionRequestTimeoutException
                ? ". All " + config.maxConnections() + " connections are in use"
                : ". Check the endpoint, the network and the name service; it was not sent";
        return new StoreException(Reason.NOT_SENT, begin(what) + ": " + describe(cause) + advice, failure);
    }

    private String begin(String what) {
        return what + " in " + config.location();
    }

    private static String innermost(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return describe(last);
    }

    /** With its type, since the text alone of an unknown host is the host's name. */
    private static String describe(Throwable t) {
        return t.getClass().getSimpleName() + (t.getMessage() == null ? "" : ": " + t.getMessage());
    }
}
