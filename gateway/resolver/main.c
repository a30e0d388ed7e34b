// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-resolver: answers the names that policies allow (docs/EGRESS.md).
 * Reads its configuration as root and goes to jail before it reads a byte of
 * anyone; from then on it has what sandboxd hands it, and asks that alone. Its
 * descriptors: gateway/protocol/handover.h. One thread, one loop.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/protocol/handover.h"
#include "gateway/resolver/confine.h"
#include "gateway/resolver/guest.h"
#include "gateway/resolver/link.h"
#include "gateway/resolver/look.h"
#include "gateway/resolver/relay.h"

enum { LISTEN_FD = HANDOVER_FIRST_FD };

static const int born_with[] = {HANDOVER_FD, LISTEN_FD, -1};

static struct resolver resolver;

/* The supervisor is gone, or wants us to be. */
static void
on_end(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	loop_remove(&resolver.loop, watch);
	loop_end(&resolver.loop);
}

int
main(int argc, char **argv)
{
	struct loop_watch supervisor = {HANDOVER_FD, on_end};
	const char *conf_path;
	struct paths paths;
	struct err err = {0};

	log_init("gateway-resolver", LOG_LEVEL_INFO);
	conf_path = paths_of_arguments(argc, argv, "gateway-resolver");
	if (paths_read(conf_path, &paths, &err) < 0 ||
	    conf_read(resolver_conf_keys, n_resolver_conf_keys, conf_path,
	    &resolver.conf, &err) < 0)
		fatal("%s", err.text);
	signal(SIGPIPE, SIG_IGN);
	if (relay_start(&paths, &resolver.conf, born_with, &resolver.relay.fd,
	    &err) < 0)
		fatal("relay: %s", err.text);
	resolver.relay.ready = looks_relay_ready;
	if (loop_init(&resolver.loop) < 0)
		fatal("event loop: %s", strerror(errno));
	LIST_INIT(&resolver.guests);
	LIST_INIT(&resolver.looks);
	if (confine_resolver(&paths, &resolver.conf, &err) < 0)
		fatal("jail: %s", err.text);
	if (loop_add(&resolver.loop, &supervisor, EPOLLIN) < 0 ||
	    loop_add(&resolver.loop, &resolver.relay, EPOLLIN) < 0)
		fatal("event loop: %s", strerror(errno));
	if (link_open(&resolver, LISTEN_FD, &err) < 0)
		fatal("%s", err.text);
	log_info("waits for sandboxd");
	loop_run(&resolver.loop);
	guests_clear(&resolver);
	stocks_clear(&resolver);
	link_close(resolver.link);
	loop_fini(&resolver.loop);
	return 0;
}
