/* How the consumer's memory is managed.
 *
 * librdkafka's thread allocates a structure of 370 bytes for each record, and
 * ours frees it. The C library's malloc has one lock for both, and a thread
 * that finds it taken goes to sleep: a third of all processor time went there
 * at full speed. jemalloc hands such pieces back many at a time. The producer
 * frees what it has allocated in the same thread, and gains nothing.
 *
 * jemalloc(3) has what the words mean. The environment's MALLOC_CONF wins.
 */
extern const char *malloc_conf;

/* One arena, for two busy threads. Of the small sizes up to 100 free pieces a
 * thread, handed on in halves; larger ones are kept for nobody. The answers of
 * the broker, 200 kB each, lie among the small pieces: in a place of their own
 * jemalloc gives each back to the system as soon as it is free, and the next
 * one has to fetch every page again. After 25 ms it is mostly still there; the
 * longer free memory is kept, the more of it piles up now and then. */
const char *malloc_conf = "narenas:1,tcache_max:512,tcache_nslots_small_min:4,"
                          "tcache_nslots_small_max:100,"
                          "lg_tcache_nslots_mul:2,oversize_threshold:0,"
                          "dirty_decay_ms:25";
