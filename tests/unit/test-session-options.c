// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/settings/ssh_conf.h"

/* What a file with such a channel_timeout is answered. */
static int
read_timeout(const char *value)
{
	char path[] = "/tmp/test-session-options-XXXXXX";
	struct ssh_conf options;
	struct err err = {0};
	int fd = mkstemp(path), r;

	assert(fd >= 0);
	assert(dprintf(fd, "[ssh]\nchannel_timeout = %s\n", value) > 0);
	r = ssh_conf_read(path, &options, &err);
	assert(unlink(path) == 0 && close(fd) == 0);
	return r;
}

int
main(void)
{
	static const struct {
		const char *name;
		bool is_accepted;
	} rows[] = {{"LANG", true}, {"LC_ALL", true}, {"LC_", true},
	    {"COLORTERM", true}, {"LD_PRELOAD", false}, {"LANGUAGE", false},
	    {"", false}, {"PATH", false}};
	static const char *const bad[] = {"1h", "=1h", "x=", "x=1y", "x=-1",
	    "a=1 b", "a=366d"};
	struct ssh_conf options;
	struct err err = {0};

	assert(ssh_conf_read(NULL, &options, &err) == 0);
	assert(options.max_sessions == 64 && options.max_auth_tries == 6);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (ssh_conf_accept_env(&options, rows[i].name) !=
		    rows[i].is_accepted) {
			fprintf(stderr, "%s\n", rows[i].name);
			return 1;
		}
	assert(ssh_conf_channel_timeout_ms(&options, "session:shell") == 0);
	snprintf(options.channel_timeout, sizeof options.channel_timeout,
	    " session:command=2m\tsession:*=1h  *-tcpip=5");
	assert(ssh_conf_channel_timeout_ms(&options, "session:command") ==
	    120000);
	assert(ssh_conf_channel_timeout_ms(&options, "session:shell") ==
	    3600000);
	assert(ssh_conf_channel_timeout_ms(&options, "direct-tcpip") ==
	    5000);
	assert(ssh_conf_channel_timeout_ms(&options, "x11") == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(read_timeout(bad[i]) == -EINVAL);
	assert(read_timeout("a=1s b=365d") == 0);
	return 0;
}
