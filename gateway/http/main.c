// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-http: the API. Starts as root with the descriptors handover.h lists,
 * reads its configuration, and goes to jail before it reads a byte of anyone.
 * From then on it holds its listeners, its claim socket, and for the length of
 * a request a capability of the organisation that asked.
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/paths.h"
#include "gateway/http/back/endpoint.h"
#include "gateway/http/back/mux.h"
#include "gateway/http/confine.h"
#include "gateway/http/engine/server.h"
#include "gateway/protocol/handover.h"

enum { API_UNIX_FD = HANDOVER_FIRST_FD, API_TCP_FD };

struct arguments {
	const char *conf_path;
	bool has_tcp;
};

static struct arguments
parse_arguments(int argc, char **argv)
{
	struct arguments arguments = {0};
	int option;

	while ((option = getopt(argc, argv, "c:t")) != -1)
		if (option == 'c')
			arguments.conf_path = optarg;
		else if (option == 't')
			arguments.has_tcp = true;
		else
			exit(2);
	if (optind != argc)
		fatal("usage: gateway-http [-c CONF] [-t]");
	return arguments;
}

/* Stopping is read from a descriptor, so that no thread is interrupted. */
static int
block_signals(void)
{
	sigset_t stop;
	int fd;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &stop, SFD_CLOEXEC);
	if (fd < 0)
		fatal("signalfd: %s", strerror(errno));
	return fd;
}

/* Until the broker is gone or a signal says to stop. */
static void
wait_for_end(int signal_fd)
{
	struct pollfd fds[] = {{.fd = HANDOVER_FD, .events = POLLRDHUP},
	    {.fd = signal_fd, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	log_info("stopping: %s",
	    fds[1].revents ? "told to" : "gateway-broker is gone");
}

int
main(int argc, char **argv)
{
	struct arguments arguments = parse_arguments(argc, argv);
	struct http_conf conf;
	struct paths paths;
	struct server *unix_server = NULL, *tcp_server = NULL;
	struct endpoint *endpoint = NULL;
	struct mux *broker = NULL;
	struct err err = {0};
	int signal_fd;

	log_init("gateway-http", LOG_LEVEL_INFO);
	if (paths_read(arguments.conf_path, &paths, &err) < 0 ||
	    conf_read(http_conf_keys, n_http_conf_keys, arguments.conf_path,
	    &conf, &err) < 0)
		fatal("%s", err.text);
	signal_fd = block_signals();
	json_object_seed(0); /* reads /dev/urandom, out of reach from jail */
	if (confine_http(&paths, &conf, &err) < 0)
		fatal("jail: %s", err.text);

	struct server_options options = {.listen_fd = API_UNIX_FD,
	    .is_unix = true, .conf = &conf};

	if (mux_new(HANDOVER_FD, conf.call_timeout_s * 1000, &broker,
	    &err) < 0 || endpoint_new(broker, &endpoint, &err) < 0)
		fatal("%s", err.text);
	options.broker = broker;
	options.endpoint = endpoint;
	if (server_new(&options, &unix_server, &err) < 0)
		fatal("%s", err.text);
	options.listen_fd = API_TCP_FD;
	options.is_unix = false;
	if (arguments.has_tcp && server_new(&options, &tcp_server, &err) < 0)
		fatal("%s", err.text);
	log_info("serving the API unix=yes tcp=%s",
	    arguments.has_tcp ? "yes" : "no");
	wait_for_end(signal_fd);
	server_free(tcp_server);
	server_free(unix_server);
	endpoint_free(endpoint);
	mux_free(broker);
	fd_close(&signal_fd);
	return 0;
}
