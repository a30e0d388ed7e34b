// SPDX-License-Identifier: Apache-2.0
/*
 * A certificate and its key, which a program in a jail shows: their files are
 * opened here, and handed to it unread, once more whenever they have changed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "common/err.h"
#include "gateway/protocol/handover.h"

/* What tells one content of a file from the next. */
struct certificate_file {
	dev_t device;
	ino_t inode;
	off_t size_bytes;
	struct timespec changed_at;
};

struct certificate {
	const char *program;			  /* for the log */
	const char *paths[HANDOVER_CERTIFICATE_FDS]; /* "" = there is none */
	struct certificate_file sent[HANDOVER_CERTIFICATE_FDS];
	uint32_t number; /* of the last that was sent */
	int fd;		 /* to the program; -1 = none runs */
	sd_event_source *timer; /* files change one after the other */
};

/* Of a program; the paths must outlive it, and are "" where there is none. */
void certificate_init(struct certificate *certificate, const char *program,
    const char *chain_path, const char *key_path);

/* Whether there is one. */
bool certificate_is_wanted(const struct certificate *certificate);

/* Whether both files can be opened, and the key by nobody but its owner and
 * group. 0, or -errno and the path at fault. */
int certificate_check(const struct certificate *certificate,
    struct err *err);

/* Sends it when its files change, as long as the event loop lives; nothing
 * where there is none. 0 or -errno. */
int certificate_watch(struct certificate *certificate, sd_event *event,
    struct err *err);

/*
 * A program is about to start: *ret_fd, the caller's to close, is its end, with
 * the certificate in it. 0 or -errno; files that cannot be opened now are
 * logged, and sent once they can.
 */
int certificate_equip(struct certificate *certificate, int *ret_fd,
    struct err *err);

/* Sends it to the program that runs, whether it has changed or not. */
void certificate_renew(struct certificate *certificate);
