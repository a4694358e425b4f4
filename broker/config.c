/* config.c - `pf-broker config`: the settings and their sources. */
#include <string.h>

#include "ctl.h"
#include "text.h"

static void print_settings(const char *title,
                           const struct pf_settings *settings)
{
    printf("# %s\n", title);
    for (size_t i = 0; i < settings->n; i++) {
        const struct pf_setting *s = &settings->list[i];
        const char *value = pf_is_secret(s->name) ? "********" : s->value;
        char text[2000];

        printf("%s = %s  # %s\n", s->name,
               pf_escape(text, sizeof text, value, strlen(value)), s->where);
    }
}

enum pf_rc ctl_config(struct ctl *ctl, struct pf_error *err)
{
    print_settings("Kafka", &ctl->conf.server);
    printf("\n");
    print_settings("ZooKeeper", &ctl->conf.zookeeper);
    return fflush(stdout) ? pf_fail(err, PF_IO, "standard output failed")
                          : PF_OK;
}
