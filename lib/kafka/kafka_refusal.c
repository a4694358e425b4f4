#include "kafka_refusal.h"

#include <stddef.h>

/* Both are new in librdkafka 2.4. An older one has no broker's message, and no
 * record fails with the code that begins librdkafka's own. */
#if RD_KAFKA_VERSION < 0x020400ff
#define rd_kafka_message_produce_errstr(report) ((void)(report), NULL)
#define RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD RD_KAFKA_RESP_ERR__BEGIN
#endif

/* Settings have the names that their owner uses: Kafka often has one name in
 * server.properties and another for the same setting of a topic. */
static const struct {
    rd_kafka_resp_err_t why;
    const char *remedy;
} remedies[] = {
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
     "set message.max.bytes of the producer to no more than the broker's "
     "message.max.bytes (of a topic: max.message.bytes), and both to more than "
     "the longest record"},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
     "set batch.size of the producer to less than log.segment.bytes of the "
     "broker (of a topic: segment.bytes)"},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD,
     "in a topic with cleanup.policy=compact each record needs a key: "
     "give them one, as feed.replay.key does, or use a topic that is not "
     "compacted"},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
     "the record's time is too far from the broker's: see "
     "log.message.timestamp.before.max.ms and after.max.ms of the broker, or "
     "feed.replay.restamp"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
     "the producer's user needs the right to WRITE to the topic: see "
     "sasl.username, and kafka-acls --producer"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
     "the producer's user needs IDEMPOTENT_WRITE: see sasl.username, and "
     "kafka-acls --producer --idempotent"},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
     "a policy of the broker forbids it; ask its operator"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
     "min.insync.replicas asks for more replicas than are in sync; with one "
     "broker it has to be 1"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
     "min.insync.replicas asks for more replicas than are in sync; with one "
     "broker it has to be 1"},
    {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS,
     "set acks of the producer to all"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE,
     "set another compression.codec of the producer"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
     "the topic keeps records in a format from before Kafka 0.11, which has no "
     "headers; see log.message.format.version of the broker"},
    {RD_KAFKA_RESP_ERR__FENCED,
     "another program with this transactional.id has begun, which "
     "feed.instance makes different for each"},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
     "the user needs the right to WRITE with that transactional.id: see "
     "sasl.username, and kafka-acls --producer --transactional-id"},
    {RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
     "set transaction.timeout.ms to no more than transaction.max.timeout.ms of "
     "the broker"},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, "see feed.topic"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
     "create the topic, or correct feed.topic"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
     "the topic has fewer partitions than feed.partition says; the first one "
     "is 0"},
};

/* Of a message of the broker: so that the remedy, after it, has room in *err.
 */
#define DETAIL_BYTES 160

static const char *remedy_of(rd_kafka_resp_err_t why)
{
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
        if (remedies[i].why == why)
            return remedies[i].remedy;
    return NULL;
}

/* "kafka: ", the topic if it is known (may be NULL), the meaning of the code,
 * the broker's own message (detail, may be NULL) and the remedy, if one is
 * known. Returns rc. */
static enum pf_rc refused(struct pf_error *err, enum pf_rc rc,
                          const char *topic, rd_kafka_resp_err_t why,
                          const char *detail)
{
    const char *remedy = remedy_of(why);

    return pf_fail(err, rc, "kafka: %s%s%s%s%.*s%s%s", topic ? topic : "",
                   topic ? ": " : "", rd_kafka_err2str(why), detail ? ": " : "",
                   DETAIL_BYTES, detail ? detail : "", remedy ? "; " : "",
                   remedy ? remedy : "");
}

/* __DESTROY: of a record that was on its way to a partition when the metadata
 * said that this is gone, and that its broker did not take. */
bool pf_kafka_is_unknown_topic(rd_kafka_resp_err_t why)
{
    return why == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           why == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           why == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           why == RD_KAFKA_RESP_ERR__DESTROY;
}

bool pf_kafka_may_pass(rd_kafka_resp_err_t why)
{
    static const rd_kafka_resp_err_t passing[] = {
        RD_KAFKA_RESP_ERR__PURGE_QUEUE,
        RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
        RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
        RD_KAFKA_RESP_ERR__TIMED_OUT,
        RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
        RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
    };

    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (passing[i] == why)
            return true;
    /* A broker that has just begun does not know all topics yet. */
    return pf_kafka_is_unknown_topic(why);
}

bool pf_kafka_is_records_own(rd_kafka_resp_err_t why)
{
    return why == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
           why == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE ||
           why == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
           why == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP;
}

enum pf_rc pf_kafka_fatal(rd_kafka_t *rk, struct pf_error *err)
{
    char reason[256];
    rd_kafka_resp_err_t why = rd_kafka_fatal_error(rk, reason, sizeof reason);

    return why ? refused(err, PF_FATAL, NULL, why, reason) : PF_OK;
}

enum pf_rc pf_kafka_taken(rd_kafka_t *rk, rd_kafka_resp_err_t why,
                          struct pf_error *err)
{
    switch (why) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return PF_OK;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return PF_AGAIN;
    case RD_KAFKA_RESP_ERR__FATAL:
        return pf_kafka_fatal(rk, err);
    default:
        return refused(err, PF_IO, NULL, why, NULL);
    }
}

bool pf_kafka_refused_record(struct pf_error *err,
                             const rd_kafka_message_t *report,
                             rd_kafka_resp_err_t *first)
{
    if (*first && *first != RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD)
        return false;
    *first = report->err;
    refused(err, PF_UNDELIVERED, rd_kafka_topic_name(report->rkt), report->err,
            rd_kafka_message_produce_errstr(report));
    return true;
}
