/* How the consumer's memory is managed.
 *
 * librdkafka's thread allocates a structure of 370 bytes for each record, and
 * our thread frees it. The C library's malloc has one lock for both, and a
 * thread that finds it taken goes to sleep: at full speed, that took a third of
 * all processor time. jemalloc hands such pieces back many at a time. The
 * producer frees memory in the thread that allocated it, and gains nothing.
 *
 * jemalloc(3) explains the options. The environment's MALLOC_CONF wins.
 */
extern const char *malloc_conf;

/* One arena, for two busy threads. Each thread caches up to 100 free pieces of
 * each small size, handed on in halves; larger ones are not cached. The
 * broker's answers, 200 kB each, are allocated among the small pieces: in an
 * arena of their own, jemalloc would return each to the system as soon as it is
 * free, and the next one would have to fault in every page again. 25 ms keeps
 * most of that memory; the longer free memory is kept, the more of it can pile
 * up. */
const char *malloc_conf = "narenas:1,tcache_max:512,tcache_nslots_small_min:4,"
                          "tcache_nslots_small_max:100,"
                          "lg_tcache_nslots_mul:2,oversize_threshold:0,"
                          "dirty_decay_ms:25";
