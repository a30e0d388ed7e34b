// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/scp/scp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/scp/record.h"

int
scp_init(struct scp *scp, int in_fd, int out_fd)
{
	memset(scp, 0, sizeof *scp);
	scp->in_fd = in_fd;
	scp->out_fd = out_fd;
	scp->mask = umask(0);
	(void)umask(scp->mask);
	scp->buffer = malloc(SCP_BUFFER_SIZE);
	return scp->buffer != NULL ? 0 : -ENOMEM;
}

void
scp_fini(struct scp *scp)
{
	free(scp->buffer);
	scp->buffer = NULL;
}

int
scp_error(struct scp *scp, const char *fmt, ...)
{
	char words[SCP_LINE_SIZE], line[SCP_LINE_SIZE + 16];
	va_list ap;
	int n;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	/* A line end inside (of a file's name) would end the message. */
	for (char *p = words; *p != '\0'; p++)
		if (*p == '\n' || *p == '\r')
			*p = '?';
	scp->n_errors++;
	n = snprintf(line, sizeof line, "\1scp: %s\n", words);
	return fd_write_all(scp->out_fd, line, (size_t)n);
}

int
scp_ok(struct scp *scp)
{
	return fd_write_all(scp->out_fd, "", 1);
}

int
scp_fill(struct scp *scp)
{
	ssize_t n;

	if (scp->start < scp->end)
		return 1;
	do
		n = read(scp->in_fd, scp->buffer, SCP_BUFFER_SIZE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	scp->start = 0;
	scp->end = (size_t)n;
	return n > 0;
}

int
scp_read_line(struct scp *scp, char *line)
{
	size_t used = 0;
	int r;

	for (;;) {
		r = scp_fill(scp);
		if (r <= 0)
			return r == 0 && used > 0 ? -EPIPE : r;
		line[used] = (char)scp->buffer[scp->start++];
		if (line[used] == '\n')
			break;
		/* Where a NUL is, the line ends for whoever reads it. */
		if (++used == SCP_LINE_SIZE - 1)
			return -EBADMSG;
	}
	line[used] = '\0';
	return 1;
}

int
scp_read_response(struct scp *scp)
{
	char line[SCP_LINE_SIZE];
	uint8_t kind;
	int r = scp_fill(scp);

	if (r <= 0)
		return r == 0 ? -EPIPE : r;
	kind = scp->buffer[scp->start++];
	if (kind == 0)
		return 1;
	scp->n_errors++;
	r = scp_read_line(scp, line);
	if (r <= 0)
		return r == 0 ? -EPIPE : r;
	/* Any byte but 1 is a protocol error, or the peer's end. */
	return kind == 1 ? 0 : -EBADMSG;
}

static int
usage(void)
{
	fprintf(stderr, "usage: scp -t [-dpqrv] target\n"
	    "       scp -f [-pqrv] file ...\n");
	return 1;
}

int
scp_main(int argc, char **argv)
{
	bool is_sink = false, is_source = false;
	struct scp scp;
	int option, r;

	if (scp_init(&scp, STDIN_FILENO, STDOUT_FILENO) < 0)
		return 1;
	while ((option = getopt(argc, argv, "dfpqrtv")) != -1) {
		is_sink |= option == 't';
		is_source |= option == 'f';
		scp.is_recursive |= option == 'r';
		scp.keeps_times |= option == 'p';
		scp.wants_directory |= option == 'd';
		if (option == '?')
			return usage();
	}
	argc -= optind;
	argv += optind;
	if (is_sink == is_source || argc < 1)
		return usage();
	if (is_sink && argc != 1) {
		(void)scp_error(&scp, "ambiguous target");
		return 1;
	}
	r = is_sink ? scp_sink(&scp, argv[0]) : scp_source(&scp, argv, argc);
	scp_fini(&scp);
	return r < 0 || scp.n_errors > 0;
}
