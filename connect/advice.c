#include "advice.h"

#include <string.h>

#define AS_REPLICATION "as a superuser: ALTER ROLE its-user REPLICATION"
#define LOGICAL                                                              \
    "as a superuser: ALTER SYSTEM SET wal_level = logical, and restart the " \
    "server"
#define PUBLICATION                                                      \
    "create the publication yourself, as the owner: CREATE PUBLICATION " \
    "capture FOR TABLES IN SCHEMA that-schema"
#define NEW_SNAPSHOT                                                        \
    "the changes are gone, and a new snapshot is needed: docs/changes.md, " \
    "\"A new snapshot\""

/*
 * Parts of what PostgreSQL 15 to 17, MariaDB 10.11 and 11.8, their drivers and
 * Debezium 3.5 say, and what helps. The first that is found counts, so what is
 * more exact comes first.
 */
static const struct {
    const char *part, *help;
} known[] = {
    /* PostgreSQL */
    {"permission denied to start WAL sender", AS_REPLICATION},
    {"must be superuser or replication role", AS_REPLICATION},
    {"permission denied to use replication slots", AS_REPLICATION},
    {"permission denied for schema",
     "GRANT USAGE ON SCHEMA that-schema TO its-user"},
    {"permission denied for table",
     "GRANT SELECT ON that-table TO its-user, or ALTER DEFAULT PRIVILEGES for "
     "tables to come"},
    {"permission denied for database", PUBLICATION},
    {"Publication autocreation is disabled", PUBLICATION},
    {"no pg_hba.conf entry",
     "let it in: a line for its-user in the server's pg_hba.conf"},
    {"is not permitted to log in", "ALTER ROLE its-user LOGIN"},
    {"password authentication failed",
     "correct the password in the file of secrets, or that of the role"},
    {"logical decoding requires", LOGICAL},
    {"wal_level property must be", LOGICAL},
    {"all replication slots are in use",
     "raise max_replication_slots, or drop a slot that nobody reads: SELECT "
     "pg_drop_replication_slot('its-name')"},
    {"is active for PID",
     "another process reads this slot: end it, or give this connector a "
     "slot.name of its own"},
    {"can no longer get changes from replication slot", NEW_SNAPSHOT},
    {"can no longer access replication slot", NEW_SNAPSHOT},
    {"requested WAL segment", NEW_SNAPSHOT},
    {"is no longer available on the server", NEW_SNAPSHOT},
    {"does not have a replica identity",
     "ALTER TABLE that-table REPLICA IDENTITY FULL, or give it a primary key"},

    /* MariaDB */
    {"BINLOG MONITOR", "GRANT BINLOG MONITOR ON *.* TO its-user"},
    {"REPLICATION SLAVE", "GRANT REPLICATION SLAVE ON *.* TO its-user"},
    {"RELOAD", "GRANT RELOAD ON *.* TO its-user"},
    {"SELECT command denied", "GRANT SELECT ON that-table TO its-user"},
    {"Access denied for user",
     "correct the password in the file of secrets, or that of the user; and "
     "GRANT SELECT, RELOAD, LOCK TABLES, SHOW DATABASES, REPLICATION SLAVE, "
     "BINLOG MONITOR ON *.* TO its-user"},
    {"Could not find first log file name", NEW_SNAPSHOT},
    {"Could not find GTID state requested by slave", NEW_SNAPSHOT},
    {"\"this.gtidSet\" is null",
     "the server's binary log had no transaction when the snapshot was made: "
     "FLUSH TABLES writes one; then a new snapshot is needed: "
     "docs/changes.md, \"A new snapshot\""},
    {"not configured to use a ROW binlog_format",
     "start the server with binlog_format=ROW"},
    {"not configured to use a FULL binlog_row_image",
     "start the server with binlog_row_image=FULL"},

    /* both */
    {"Connection refused",
     "the database does not answer there: start it, or correct its address"},
    {"UnknownHostException", "there is no host of that name: correct it"},
    {"Could not read properties from file",
     "make that file of secrets, readable to this user"},
};

const char *advice(const char *text)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(text, known[i].part))
            return known[i].help;
    return "";
}
