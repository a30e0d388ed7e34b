// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/kept_disks.h"

#include <errno.h>

#include "common/disk_mounts.h"
#include "common/log.h"
#include "sandboxd/lifecycle/kept_disks.h"

static void
on_dropped(void *owner, uint32_t request_id, const struct err *err)
{
	static const struct rpc_disk_drop_rep reply;
	struct peer *peer = owner;

	if (err != NULL)
		peer_error(peer, &rpc_call_disk_drop, request_id, err);
	else
		peer_reply(peer, &rpc_call_disk_drop, request_id, &reply,
		    NULL, 0);
}

static void
release(void *owner)
{
	peer_unref(owner);
}

int
answer_disk_drop(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_disk_drop_req *request = data;
	const struct kept_disk_asker asker = {on_dropped, release, peer, id};

	if (peer->capability.sandbox_id[0] != '\0')
		return err_set(err, EACCES,
		    "this capability is for one sandbox");
	if (!disk_id_is_valid(request->id))
		return err_set(err, EINVAL, "id: not a disk's");
	log_info("disk dropped id=%s audit=%s", request->id,
	    peer_audit(peer));
	peer_ref(peer);
	return kept_disks_remove(peer->daemon, peer->capability.org,
	    request->id, &asker, err);
}

/* Whoever has one in a sandbox of his reads and writes what is on it. */
int
kept_disks_permit(const struct peer *peer, const char *disks, struct err *err)
{
	struct disk_mount mounts[DISK_MOUNTS_MAX];
	int n = disk_mounts_parse(disks, mounts, NULL);
	uint32_t needed = n > 0 ? RPC_RIGHT_SFTP : 0;

	for (int i = 0; i < n; i++)
		if (!mounts[i].is_readonly)
			needed |= RPC_RIGHT_SFTP_WRITE;
	return (peer->capability.rights & needed) == needed ? 0 :
	    err_set(err, EACCES, "disks: permission denied: this needs the "
		"right to files");
}
