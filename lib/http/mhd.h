/* mhd.h - libmicrohttpd, loaded when the first server is opened.
 *
 * Linked, it would be loaded by each program that can serve, and GnuTLS with
 * it, which it initialises at once: 0.1 to 0.4 MB of memory of its own, up
 * to 2.5 MB in all, for a setting that is usually not there.
 */
#ifndef PF_MHD_H
#define PF_MHD_H

#include <microhttpd.h>

#include "error.h"

/** What is used of it. */
#define PF_MHD_MAP(X)                \
    X(add_response_header)           \
    X(create_response_from_buffer)   \
    X(create_response_from_callback) \
    X(destroy_response)              \
    X(get_connection_info)           \
    X(get_connection_values_n)       \
    X(get_daemon_info)               \
    X(get_timeout)                   \
    X(lookup_connection_value)       \
    X(queue_response)                \
    X(resume_connection)             \
    X(run)                           \
    X(start_daemon)                  \
    X(stop_daemon)                   \
    X(suspend_connection)

struct pf_mhd {
#define PF_MHD_MEMBER(name) __typeof__(MHD_##name) *name;
    PF_MHD_MAP(PF_MHD_MEMBER)
#undef PF_MHD_MEMBER
};

extern struct pf_mhd pf_mhd;

/**
 * Load it, before any of its functions is called. It stays loaded.
 *
 * PF_IO  it is not there, or it is another version
 */
enum pf_rc pf_mhd_load(struct pf_error *err);

#define MHD_add_response_header pf_mhd.add_response_header
#define MHD_create_response_from_buffer pf_mhd.create_response_from_buffer
#define MHD_create_response_from_callback pf_mhd.create_response_from_callback
#define MHD_destroy_response pf_mhd.destroy_response
#define MHD_get_connection_info pf_mhd.get_connection_info
#define MHD_get_connection_values_n pf_mhd.get_connection_values_n
#define MHD_get_daemon_info pf_mhd.get_daemon_info
#define MHD_get_timeout pf_mhd.get_timeout
#define MHD_lookup_connection_value pf_mhd.lookup_connection_value
#define MHD_queue_response pf_mhd.queue_response
#define MHD_resume_connection pf_mhd.resume_connection
#define MHD_run pf_mhd.run
#define MHD_start_daemon pf_mhd.start_daemon
#define MHD_stop_daemon pf_mhd.stop_daemon
#define MHD_suspend_connection pf_mhd.suspend_connection

#endif
