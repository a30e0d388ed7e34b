// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-proxy: what sandboxes serve, to those outside. Starts as root with
 * the descriptors handover.h lists, reads its configuration, and goes to jail
 * before it reads a byte of anyone. From then on it holds its listener, its
 * claim socket, and a capability of each service that is in use.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/paths.h"
#include "gateway/protocol/handover.h"
#include "gateway/proxy/confine.h"
#include "gateway/proxy/grant.h"
#include "gateway/proxy/server.h"

enum { LISTENER_FD = HANDOVER_FIRST_FD };

/* The broker decides within what sandboxd is given. */
#define CLAIM_TIMEOUT_MS 10000

static struct proxy proxy = {.listen_fd = LISTENER_FD};

static void
on_broker_event(void *arg, const struct rpc_message *message)
{
	grant_take_event(arg, message);
}

static void
on_broker_end(void *arg)
{
	(void)arg;
	if (!proxy.loop.is_ending)
		log_info("stopping: gateway-broker is gone");
	loop_end(&proxy.loop);
}

static void
on_signal(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	log_info("stopping: told to");
	loop_remove(&proxy.loop, watch);
	loop_end(&proxy.loop);
}

/* Stopping is read from a descriptor, in its turn. */
static void
block_signals(struct loop_watch *watch)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	watch->ready = on_signal;
	watch->fd = signalfd(-1, &stop, SFD_CLOEXEC);
	if (watch->fd < 0 || loop_add(&proxy.loop, watch, EPOLLIN) < 0)
		fatal("signalfd: %s", strerror(errno));
}

static const char *
read_arguments(int argc, char **argv)
{
	const char *conf_path = PATHS_DEFAULT_CONF;
	int option;

	while ((option = getopt(argc, argv, "c:s")) != -1) {
		if (option == 's')
			proxy.has_tls = true;
		else if (option == 'c')
			conf_path = optarg;
		else
			optind = argc + 1;
	}
	if (optind != argc)
		fatal("usage: gateway-proxy [-c file] [-s]");
	return conf_path;
}

static void
serve(void)
{
	const struct calls_options options = {.loop = &proxy.loop,
	    .fd = HANDOVER_FD, .timeout_ms = CLAIM_TIMEOUT_MS,
	    .on_event = on_broker_event, .on_end = on_broker_end,
	    .arg = &proxy};
	struct err err = {0};

	if (calls_new(&options, &proxy.broker, &err) < 0)
		fatal("%s", err.text);
	if (server_start(&proxy) < 0)
		fatal("the listener cannot be watched");
	log_info("serving services listen=%s tls=%s", proxy.conf.listen,
	    proxy.has_tls ? "yes" : "no");
	loop_run(&proxy.loop);
	server_stop(&proxy);
	grants_free(&proxy);
	calls_free(proxy.broker);
}

int
main(int argc, char **argv)
{
	struct loop_watch signals;
	struct paths paths;
	struct err err = {0};
	const char *conf_path;

	log_init("gateway-proxy", LOG_LEVEL_INFO);
	conf_path = read_arguments(argc, argv);
	if (paths_read(conf_path, &paths, &err) < 0 ||
	    proxy_conf_read(conf_path, &proxy.conf, &err) < 0)
		fatal("%s", err.text);
	if (proxy.has_tls && tls_start(&err) < 0)
		fatal("%s", err.text);
	if (sodium_init() < 0)
		fatal("libsodium does not start");
	randombytes_buf(proxy.hash_key, sizeof proxy.hash_key);
	LIST_INIT(&proxy.grants);
	LIST_INIT(&proxy.flows);
	if (loop_init(&proxy.loop) < 0)
		fatal("event loop: %s", strerror(errno));
	if (fd_set_nonblocking(LISTENER_FD) < 0)
		fatal("the listener: %s", strerror(errno));
	block_signals(&signals);
	if (confine_proxy(&paths, &proxy.conf, proxy.has_tls, &err) < 0)
		fatal("jail: %s", err.text);
	serve();
	fd_close(&signals.fd);
	loop_fini(&proxy.loop);
	return 0;
}
