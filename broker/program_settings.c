/* program_settings.c - what the producer and the consumer are told to do. */
#include <string.h>
#include <unistd.h>

#include "ctl.h"

/* The only settings of these programs that are used here. */
static bool is_used(const void *context, const char *name)
{
    static const char *const names[] = {"feed.topic", "feed.on.bad",
                                        "feed.dead.letters", "group.id"};

    (void)context;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

enum pf_rc ctl_program_settings(const struct ctl *ctl, const char *program,
                                struct pf_settings *settings,
                                struct pf_error *err)
{
    bool is_consumer = !strcmp(program, "consumer");
    struct pf_path path = pf_path_in(ctl->places.config,
                                     is_consumer ? "consumer.properties"
                                                 : "producer.properties");
    enum pf_rc rc = pf_settings_read_file(settings, path.text, err);

    if (rc == PF_IO) /* no file: use the defaults */
        rc = PF_OK;
    if (!rc)
        rc = pf_settings_read_environment(
            settings,
            &(struct pf_variables){.environment = environ,
                                   .prefix = is_consumer ? "CONSUMER_"
                                                         : "PRODUCER_",
                                   .knows = is_used},
            err);
    return rc;
}
