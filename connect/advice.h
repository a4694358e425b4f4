/* advice.h - what to do about an error of a source of changes. */
#ifndef PF_ADVICE_H
#define PF_ADVICE_H

/**
 * What helps against the error in text, which a connector's trace or an answer
 * of Kafka Connect is: a sentence, such as "GRANT SELECT ON the table TO the
 * connector's user". "" if none is known. Constant.
 */
const char *advice(const char *text);

#endif
