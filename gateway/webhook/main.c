// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-webhook: reads its configuration, the host's name servers and the
 * certificate authorities as root, and goes to jail before it is given a word
 * of anyone. Its descriptor: gateway/protocol/handover.h.
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/protocol/handover.h"
#include "gateway/webhook/confine.h"
#include "gateway/webhook/dial.h"
#include "gateway/webhook/post.h"
#include "gateway/webhook/zygote.h"

#define CA_FILE_MAX_BYTES (4 * 1024 * 1024)

/* For as long as we live. Without them https is refused, and said to be. */
static void
read_authorities(const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *pem = NULL;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0 ||
	    st.st_size > CA_FILE_MAX_BYTES ||
	    (pem = malloc((size_t)st.st_size)) == NULL ||
	    fd_read_all(fd, pem, (size_t)st.st_size) < 0) {
		log_warn("ca_file %s cannot be read: no https", path);
		free(pem);
		return;
	}
	post_trust(pem, (size_t)st.st_size);
}

int
main(int argc, char **argv)
{
	static struct webhook_conf conf;
	struct paths paths;
	struct jail_filter filter = {0};
	const char *conf_path;
	struct err err;

	log_init("gateway-webhook", LOG_LEVEL_INFO);
	conf_path = paths_of_arguments(argc, argv, "gateway-webhook");
	/* What a careless parent left open would be open in every post. */
	(void)close_range(HANDOVER_FIRST_FD, ~0U, 0);
	if (paths_read(conf_path, &paths, &err) < 0 ||
	    webhook_conf_read(conf_path, &conf, &err) < 0)
		fatal("%s", err.text);
	(void)clearenv();
	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fatal("curl_global_init failed");
	curl_easy_cleanup(curl_easy_init());
	read_authorities(conf.ca_file);
	if (dial_init(&err) < 0 ||
	    confine_webhook(&paths, &conf, &filter, &err) < 0)
		fatal("jail: %s", err.text);
	if (zygote_run(HANDOVER_FD, &conf, &filter, &err) < 0)
		fatal("%s", err.text);
	/* Nothing to flush, and the jail has no room for exit handlers. */
	_exit(0);
}
