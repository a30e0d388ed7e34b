// SPDX-License-Identifier: Apache-2.0
/*
 * A connection that may run one command only, whatever it asks for. The
 * environment it sends is held to names that change no program's doings: who
 * speaks to init need not be the session that read the client's.
 */
#pragma once

#include "common/err.h"
#include "common/rpc_calls.h"

/* The forced command that is the SFTP server. */
#define FORCED_SFTP "internal-sftp"

struct forced {
	struct rpc_spawn_req request; /* what is asked for, then what is done */
	char *env;		      /* storage behind request.env */
};

/*
 * Replaces forced->request by the command, which must outlive it; what was
 * asked for goes to SSH_ORIGINAL_COMMAND where sshd puts it there. 0 or
 * -ENOMEM.
 */
int forced_apply(struct forced *forced, const char *command, struct err *err);

void forced_fini(struct forced *forced);
#define auto_forced __attribute__((cleanup(forced_fini)))
