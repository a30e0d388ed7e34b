// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-http: the API. Starts as root with the descriptors handover.h lists,
 * reads its configuration, and goes to jail before it reads a byte of anyone.
 * From then on it holds its listeners, its claim socket, and a capability of
 * each organisation that a client is connected for. One thread, one loop.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/paths.h"
#include "gateway/http/api.h"
#include "gateway/http/back/back.h"
#include "gateway/http/confine.h"
#include "gateway/http/dialect/aliases.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/engine/loop.h"
#include "gateway/http/engine/openapi.h"
#include "gateway/http/engine/server.h"
#include "gateway/http/service/files.h"
#include "gateway/protocol/handover.h"
#include "gateway/tls/keys.h"

enum { API_UNIX_FD = HANDOVER_FIRST_FD, API_TCP_FD, NEWS_FD };

struct arguments {
	const char *conf_path;
	bool has_tcp;
	bool has_tls; /* on that */
	bool is_document_wanted, is_list_wanted;
};

static struct arguments
parse_arguments(int argc, char **argv)
{
	struct arguments arguments = {0};
	int option;

	while ((option = getopt(argc, argv, "c:orst")) != -1)
		if (option == 'c')
			arguments.conf_path = optarg;
		else if (option == 'o')
			arguments.is_document_wanted = true;
		else if (option == 'r')
			arguments.is_list_wanted = true;
		else if (option == 's')
			arguments.has_tcp = arguments.has_tls = true;
		else if (option == 't')
			arguments.has_tcp = true;
		else
			exit(2);
	if (optind != argc)
		fatal("usage: gateway-http [-c CONF] [-s | -t] | -o | -r");
	return arguments;
}

static struct loop loop;

static void
on_broker_end(void *arg)
{
	(void)arg;
	if (!loop.is_ending)
		log_info("stopping: gateway-broker is gone");
	loop_end(&loop);
}

static void
on_signal(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	log_info("stopping: told to");
	loop_remove(&loop, watch);
	loop_end(&loop);
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
	if (watch->fd < 0 || loop_add(&loop, watch, EPOLLIN) < 0)
		fatal("signalfd: %s", strerror(errno));
}

struct servers {
	struct server *local, *tcp; /* NULL = there is none */
};

static void
on_cut(void *arg, const struct identity *who)
{
	const struct servers *servers = arg;

	server_end_for_good(servers->local, who);
	if (servers->tcp != NULL)
		server_end_for_good(servers->tcp, who);
	e2b_end_watchers(who); /* may be the last to have it */
}

static void
serve(const struct http_conf *conf, const struct arguments *arguments)
{
	struct servers servers = {NULL, NULL};
	struct back *back = NULL;
	struct err err = {0};

	if (back_new(&loop, HANDOVER_FD, conf->call_timeout_s * 1000,
	    on_broker_end, NULL, &back, &err) < 0 ||
	    api_serve(&loop, back, conf, API_UNIX_FD, true, -1,
	    &servers.local, &err) < 0 || (arguments->has_tcp &&
	    api_serve(&loop, back, conf, API_TCP_FD, false,
	    arguments->has_tls ? NEWS_FD : -1, &servers.tcp, &err) < 0))
		fatal("%s", err.text);
	back_watch_cuts(back, on_cut, &servers);
	log_info("serving the API unix=yes tcp=%s tls=%s",
	    arguments->has_tcp ? "yes" : "no",
	    arguments->has_tls ? "yes" : "no");
	loop_run(&loop);
	/* What goes on is cut now, whosever it is. */
	back_watch_cuts(back, NULL, NULL);
	server_free(servers.tcp);
	server_free(servers.local);
	e2b_end_watchers(NULL);
	back_free(back);
}

/* A line each: whose words it fails in, and who may ask. */
static int
print_routes(void)
{
	for (size_t i = 0; i < n_api_dialects; i++)
		for (size_t j = 0; j < api_dialects[i]->n_routes; j++) {
			const struct route *route =
			    &api_dialects[i]->routes[j];

			printf("%s %s %s %s\n", api_dialects[i]->name,
			    route->is_public ? "public" : "known",
			    route->method, route->pattern);
		}
	return fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct arguments arguments = parse_arguments(argc, argv);
	struct loop_watch signals;
	struct http_conf conf;
	struct paths paths;
	struct err err = {0};

	if (arguments.is_document_wanted) {
		/* The native API; the others' are described by whoever made
		 * them (docs/COMPATIBILITY.md). */
		openapi_print(stdout, api_dialects, 1);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	if (arguments.is_list_wanted)
		return print_routes() == 0 ? 0 : 1;
	log_init("gateway-http", LOG_LEVEL_INFO);
	if (paths_read(arguments.conf_path, &paths, &err) < 0 ||
	    conf_read(http_conf_keys, n_http_conf_keys, arguments.conf_path,
	    &conf, &err) < 0 || aliases_check(&conf, &err) < 0)
		fatal("%s", err.text);
	/* What reads files of the host does so before they are out of reach. */
	json_object_seed(0);
	if (sodium_init() < 0)
		fatal("libsodium does not start");
	if ((arguments.has_tls && tls_start(&err) < 0) || files_init(&err) < 0)
		fatal("%s", err.text);
	if (loop_init(&loop) < 0)
		fatal("event loop: %s", strerror(errno));
	block_signals(&signals);
	if (confine_http(&paths, &conf, arguments.has_tls, &err) < 0)
		fatal("jail: %s", err.text);
	serve(&conf, &arguments);
	fd_close(&signals.fd);
	loop_fini(&loop);
	return 0;
}
