// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/permit.h"

#include <errno.h>
#include <string.h>

#include "sandboxd/init/process/forced.h"
#include "sandboxd/init/process/process.h"
#include "sandboxd/init/sftp/landlock.h"

int
permit_user(const struct peer *peer, const char *name, struct err *err)
{
	struct user standard = {0};
	int r;

	if (name[0] == '\0' || (peer->server.rights & RPC_RIGHT_ROOT) != 0)
		return 0;
	r = user_find("", &standard, err);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0 && strcmp(standard.name, name) == 0)
		return 0;
	return err_set(err, EACCES, "user: only \"%s\" is permitted here",
	    standard.name);
}

bool
permit_is_for_files(const struct peer *peer)
{
	return (peer->server.rights & RPC_RIGHT_SPAWN) == 0 ||
	    (peer->forced_command != NULL &&
	    strcmp(peer->forced_command, FORCED_SFTP) == 0);
}

/* Where the kernel cannot confine it, the login is refused, not widened. */
static int
permit_confined(const struct peer *peer, struct err *err)
{
	if (process_count_confined(peer) >= INIT_CONFINED_MAX)
		return err_set(err, EAGAIN, "a connection for files alone has "
		    "no more than %d SFTP servers at once", INIT_CONFINED_MAX);
	return landlock_check(err);
}

int
permit_spawn(const struct peer *peer, const struct rpc_spawn_req *request,
    struct err *err)
{
	bool is_sftp = request->kind == INIT_SPAWN_SFTP ||
	    request->kind == INIT_SPAWN_SFTP_READ;
	uint32_t wanted = is_sftp ? RPC_RIGHT_SFTP : RPC_RIGHT_SPAWN;

	if ((peer->server.rights & wanted) == 0)
		return err_set(err, EACCES, "%s: not permitted with this login",
		    is_sftp ? "sftp" : "shell and exec");
	if (request->pty != 0 && (peer->server.rights & RPC_RIGHT_PTY) == 0)
		return err_set(err, EACCES,
		    "pty: not permitted with this login");
	if (is_sftp && permit_is_for_files(peer) &&
	    permit_confined(peer, err) < 0)
		return -err->code;
	return permit_user(peer, request->user, err);
}

bool
permit_find_user(const struct peer *peer, const char *name, struct user *ret,
    struct answer *answer)
{
	return permit_user(peer, name, &answer->err) == 0 &&
	    user_find(name, ret, &answer->err) == 0;
}
