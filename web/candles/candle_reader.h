/* candle_reader.h - reads topics of candles while somebody looks.
 *
 * A thread of its own reads the last records of each topic, and then those that
 * come. It begins with the first who looks, and ends some seconds after the
 * last one: nothing is fetched, and nothing kept, for nobody.
 */
#ifndef PF_WEB_CANDLE_READER_H
#define PF_WEB_CANDLE_READER_H

#include <librdkafka/rdkafka.h>

#include "candle_table.h"
#include "error.h"

/** Most topics of candles. */
#define WEB_CANDLE_TOPICS 8

struct web_candles;

/**
 * Get ready to read these topics, a list with commas, or empty. conf is copied.
 *
 * PF_IO     there is no thread to be had
 * PF_NOMEM  memory ran out
 */
enum pf_rc web_candles_open(const rd_kafka_conf_t *conf, const char *topics,
                            struct web_candles **ret, struct pf_error *err);

/** NULL does nothing. */
void web_candles_close(struct web_candles *candles);

/**
 * Check such a list.
 *
 * PF_CONFIG  there are too many, or one is not the name of a topic
 */
enum pf_rc web_candles_check(const char *topics, struct pf_error *err);

/** The i-th topic, from 0; NULL: there are no more. */
const char *web_candles_topic(const struct web_candles *candles, size_t i);

/** Somebody looks, or does not any more. */
void web_candles_look(struct web_candles *candles);
void web_candles_leave(struct web_candles *candles);

/** As web_candle_list(), of the i-th topic. Does not wait. */
size_t web_candles_list(struct web_candles *candles, size_t i, int match,
                        uint64_t since,
                        struct web_candle ret[static WEB_CANDLES_KEPT]);

#endif
