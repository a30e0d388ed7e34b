// SPDX-License-Identifier: Apache-2.0
/*
 * The audit log: one JSON object a line, appended to log_dir/audit.log, which
 * the supervisor makes and gives to the broker's user. Everything a client
 * chose is escaped.
 *
 * A line is written whole or not at all. Some space past the end is reserved,
 * so that logins are still recorded when the disk is full, while somebody
 * makes room; the second half of it is for them alone. Who rotates the log
 * renames it and makes a new one, which the next line finds: no line is lost,
 * nobody is told.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

/* Reserved past the end, some 6 000 logins; anew when less is left of it. */
#define AUDIT_RESERVE_BYTES	(2 << 20)
#define AUDIT_RESERVE_LOW_BYTES (1 << 20)

struct audit {
	char path[PATH_MAX];
	int fd;
	off_t reserved_until; /* the file's size may grow to this */
	bool is_short;	      /* no more can be reserved: the disk is full */
	uint32_t n_left_out;
	uint64_t reported_ms;
};

/* Opens the existing file for appending; audit_close it, also after errors. */
int audit_open(struct audit *audit, const char *path, struct err *err);
void audit_close(struct audit *audit);

/*
 * Writes {"time": now, "event": event, key: value, ...} from pairs of strings,
 * a NULL at the end; a pair whose value is NULL or "" is left out. At most
 * 4096 bytes. 0, or -errno: nothing of it is written, which is in the service's
 * log, and what it is about must not happen.
 */
int audit_write(struct audit *audit, const char *event, ...)
    __attribute__((sentinel));

/* The same for what happens anyway, such as refusals: left out, and counted,
 * where it would take of the reserve. */
void audit_note(struct audit *audit, const char *event, ...)
    __attribute__((sentinel));
