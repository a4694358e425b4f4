#include "rest.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "stop.h"

#define CONNECT_MS 2000L

/* The worker answers itself after 90 s at the latest: it tries a connector's
 * settings, and its database may be slow. */
#define ANSWER_MS 100000L

#define ANSWER_MAX (8 << 20) /* bytes */

#define CONFLICT 409    /* it distributes its work right now */
#define UNAVAILABLE 503 /* it is starting */

struct rest {
    CURL *curl;
    const char *url; /* borrowed */
    struct curl_slist *headers;
    struct pf_buffer answer;
};

static size_t take(char *bytes, size_t size, size_t n, void *context)
{
    struct pf_buffer *answer = context;

    if (answer->n + size * n > ANSWER_MAX)
        return 0; /* curl then gives up */
    pf_buffer_put(answer, bytes, size * n);
    return answer->failed ? 0 : size * n;
}

static int watch_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c,
                      curl_off_t d)
{
    (void)context, (void)a, (void)b, (void)c, (void)d;
    return pf_stop_asked();
}

enum pf_rc rest_open(const char *url, struct rest **ret, struct pf_error *err)
{
    struct rest *rest = calloc(1, sizeof *rest);

    if (rest) {
        rest->curl = curl_easy_init();
        rest->headers = curl_slist_append(NULL,
                                          "Content-Type: application/json");
    }
    if (!rest || !rest->curl || !rest->headers) {
        rest_close(rest);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    rest->url = url;
    *ret = rest;
    return PF_OK;
}

void rest_close(struct rest *rest)
{
    if (!rest)
        return;
    curl_slist_free_all(rest->headers);
    curl_easy_cleanup(rest->curl);
    pf_buffer_release(&rest->answer);
    free(rest);
}

/* Each option of a call: those of the last one are forgotten before. */
static void prepare(struct rest *rest, const char *method, const char *url,
                    const char *body)
{
    CURL *curl = rest->curl;

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever is set for others */
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, rest->headers);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_stop);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &rest->answer);
}

/* What an answer other than success says: {"error_code":400,"message":"..."} */
static enum pf_rc refusal(long status, struct json_object *answer,
                          struct pf_error *err)
{
    struct json_object *message = NULL;
    enum pf_rc rc = status == CONFLICT || status == UNAVAILABLE ? PF_AGAIN
                                                                : PF_FORMAT;

    if (json_object_object_get_ex(answer, "message", &message))
        return pf_fail(err, rc, "%s", json_object_get_string(message));
    return pf_fail(err, rc, "Kafka Connect answers with %ld", status);
}

enum pf_rc rest_call(struct rest *rest, const char *method, const char *path,
                     const char *body, struct json_object **ret,
                     struct pf_error *err)
{
    struct pf_buffer url = {0};
    struct json_object *answer;
    enum pf_rc rc = PF_OK;
    CURLcode failed;
    long status = 0;

    pf_buffer_printf(&url, "%s%s", rest->url, path);
    pf_buffer_put(&url, "", 1);
    if (url.failed)
        return pf_fail(err, PF_NOMEM, "out of memory");
    pf_buffer_release(&rest->answer);
    prepare(rest, method, url.at, body);
    failed = curl_easy_perform(rest->curl);
    pf_buffer_release(&url);
    if (failed)
        return pf_fail(err, PF_AGAIN, "Kafka Connect at %s: %s", rest->url,
                       curl_easy_strerror(failed));
    curl_easy_getinfo(rest->curl, CURLINFO_RESPONSE_CODE, &status);
    pf_buffer_put(&rest->answer, "", 1);
    if (rest->answer.failed)
        return pf_fail(err, PF_NOMEM, "out of memory");
    answer = json_tokener_parse(rest->answer.at);
    if (status < 200 || status > 299)
        rc = refusal(status, answer, err);
    else if (!answer && rest->answer.n > 1)
        rc = pf_fail(err, PF_IO, "Kafka Connect at %s: its answer is not JSON",
                     rest->url);
    if (rc) {
        json_object_put(answer);
        return rc;
    }
    *ret = answer;
    return PF_OK;
}
