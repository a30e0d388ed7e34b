// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/oom.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "sandboxd/init/init.h"
#include "sandboxd/init/peer.h"
#include "sandboxd/init/process/cgroup_file.h"

/* The news may come before the kill: how often to look, and for how long. */
#define LOOK_MS	     20
#define LOOK_LAST_MS 2000

#define FILE_SIZE 1024

/* The number behind the word at the start of a line; none is 0. */
static unsigned long
read_kills(const struct oom *oom)
{
	static const char word[] = "\noom_kill ";
	char text[FILE_SIZE + 1] = "\n";
	ssize_t n = pread(oom->kills_fd, text + 1, sizeof text - 2, 0);
	const char *at;

	if (n < 0)
		return 0;
	text[n + 1] = '\0';
	at = strstr(text, word);
	return at != NULL ? strtoul(at + sizeof word - 1, NULL, 10) : 0;
}

unsigned long
oom_count(const struct oom *oom)
{
	return oom->kills_fd >= 0 ? read_kills(oom) : 0;
}

/* Read, or it would be told again at once. */
static void
news(struct watch *watch, uint32_t events)
{
	struct oom *oom = (struct oom *)watch;
	char text[FILE_SIZE];

	(void)events;
	(void)lseek(watch->fd, 0, SEEK_SET);
	(void)!read(watch->fd, text, sizeof text);
	oom->until_ms = loop_now_ms() + LOOK_LAST_MS;
}

void
oom_init(struct init *init, int first_fd)
{
	struct oom *oom = &init->oom;

	*oom = (struct oom){.watch = {-1, news}, .kills_fd = -1};
	if (!cgroup_file_is(first_fd) ||
	    fcntl(first_fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(first_fd + 1, F_SETFD, FD_CLOEXEC) < 0)
		return;
	oom->kills_fd = first_fd;
	oom->watch.fd = first_fd + 1;
	oom->kills = read_kills(oom);
	/* A file of a cgroup is always ready to be read. */
	if (loop_add(&init->loop, &oom->watch,
	    cgroup_file_is(oom->watch.fd) ? EPOLLPRI : EPOLLIN) < 0)
		oom->watch.fd = -1;
}

static void
tell(struct init *init)
{
	static const struct rpc_oom_event event;
	struct peer *peer = init->peers, *next;

	for (; peer != NULL; peer = next) {
		next = peer->next;
		if (peer->server.who == RPC_PEER_READY &&
		    (peer->server.rights & (RPC_RIGHT_SPAWN |
		    RPC_RIGHT_CONTROL)) != 0 &&
		    !rpc_server_is_waiting(&peer->server))
			rpc_server_tell(&peer->server, &rpc_call_oom, &event);
	}
}

int
oom_expire(struct init *init)
{
	struct oom *oom = &init->oom;
	unsigned long kills;

	if (oom->until_ms == 0)
		return -1;
	kills = read_kills(oom);
	if (kills == oom->kills && loop_now_ms() < oom->until_ms)
		return LOOK_MS;
	oom->until_ms = 0;
	if (kills > oom->kills)
		tell(init);
	oom->kills = kills;
	return -1;
}
