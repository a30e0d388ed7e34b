// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-session: reads host keys and configuration as root, then locks
 * itself in as sandgate-net and forks one session for each connection the
 * broker hands over. See gateway/protocol/handover.h for its descriptors.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "common/parse.h"
#include "common/paths.h"
#include "gateway/protocol/handover.h"
#include "gateway/ssh/libssh/banner.h"
#include "gateway/ssh/syscalls.h"
#include "gateway/ssh/zygote.h"

#define HOST_KEYS_MAX  16
#define OPEN_FILES_MAX 1280 /* four for each of 256 channels */
#define PROCESSES_MAX  8192
#define DATA_MAX_BYTES ((rlim_t)256 * 1024 * 1024)

struct arguments {
	const char *conf_path;
	int n_keys;
};

static struct arguments
read_arguments(int argc, char **argv)
{
	struct arguments arguments = {PATHS_DEFAULT_CONF, 0};
	uint64_t n_keys;
	int option;

	while ((option = getopt(argc, argv, "c:k:")) != -1) {
		switch (option) {
		case 'c':
			arguments.conf_path = optarg;
			break;
		case 'k':
			if (parse_u64(optarg, &n_keys) < 0 || n_keys == 0 ||
			    n_keys > HOST_KEYS_MAX)
				fatal("-k: \"%s\" is not a number from 1 to "
				    "%d", optarg, HOST_KEYS_MAX);
			arguments.n_keys = (int)n_keys;
			break;
		default:
			fatal("usage: gateway-session -c file -k number");
		}
	}
	if (optind != argc || arguments.n_keys == 0)
		fatal("usage: gateway-session -c file -k number");
	return arguments;
}

static int
confine(const struct paths *paths, const struct ssh_conf *options,
    struct err *err)
{
	static const struct jail_limit limits[] = {
	    {RLIMIT_NOFILE, OPEN_FILES_MAX}, {RLIMIT_NPROC, PROCESSES_MAX}};
	const rlim_t recording_bytes = options->recording_max_bytes;
	const struct jail jail = {.run_dir = paths->run_dir,
	    .user = options->jail_user, .limits = limits,
	    .n_limits = sizeof limits / sizeof *limits,
	    .data_max_bytes = DATA_MAX_BYTES,
	    .file_max_bytes = &recording_bytes, .calls = zygote_calls,
	    .n_calls = n_zygote_calls};

	return jail_enter(&jail, err);
}

int
main(int argc, char **argv)
{
	struct arguments arguments;
	static struct ssh_conf options;
	struct jail_filter session_filter;
	struct paths paths;
	struct err err;
	ssh_bind bind;

	log_init("gateway-session", LOG_LEVEL_INFO);
	arguments = read_arguments(argc, argv);
	/* What a careless parent left open would be open in every session. */
	(void)close_range((unsigned int)(HANDOVER_FIRST_FD + arguments.n_keys),
	    ~0U, 0);
	if (paths_read(arguments.conf_path, &paths, &err) < 0 ||
	    ssh_conf_read(arguments.conf_path, &options, &err) < 0)
		fatal("%s", err.text);
	if (banner_read(options.banner, &err) < 0)
		fatal("[ssh] banner: %s", err.text);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (ssh_init() != SSH_OK)
		fatal("ssh_init failed");
	if (zygote_bind(&options, HANDOVER_FIRST_FD, arguments.n_keys, &bind,
	    &err) < 0 || zygote_warm(&err) < 0)
		fatal("%s", err.text);
	if (jail_filter_build(session_calls, n_session_calls, &session_filter,
	    &err) < 0)
		fatal("filter: %s", err.text);
	if (confine(&paths, &options, &err) < 0)
		fatal("jail: %s", err.text);
	if (zygote_run(HANDOVER_FD, bind, &options, &session_filter, &err) < 0)
		fatal("%s", err.text);
	/* Nothing to flush, and the jail has no room for exit handlers. */
	_exit(0);
}
