// SPDX-License-Identifier: Apache-2.0
/*
 * The far end of `scp -O`: `scp -t` takes files, `scp -f` gives them, as the
 * sandbox's user, over stdin and stdout.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SCP_BUFFER_SIZE (256 * 1024)
#define SCP_DEPTH_MAX	512 /* directories inside one another */

struct scp {
	int in_fd, out_fd;
	bool is_recursive;	   /* -r */
	bool keeps_times;	   /* -p: times and exact modes */
	bool wants_directory;	   /* -d: the target must be one */
	mode_t mask;		   /* the umask */
	unsigned n_errors;
	unsigned depth;
	uint8_t *buffer; /* SCP_BUFFER_SIZE; what was read and not yet used */
	size_t start, end;
	char path[PATH_MAX]; /* of what is being copied */
};

/* 0 or -ENOMEM; descriptors stay the caller's. Flags are the caller's to set
 * after. */
int scp_init(struct scp *scp, int in_fd, int out_fd);
void scp_fini(struct scp *scp);

/*
 * Takes what comes in to target; gives n paths. Both return 0 when the session
 * went to its end, with n_errors files failed, and negative where it broke.
 */
int scp_sink(struct scp *scp, const char *target);
int scp_source(struct scp *scp, char *const *paths, int n_paths);

/* The protocol's pieces, for both. All: 0, or negative where it broke. */

/* Tells the peer "\1scp: words\n" and counts an error. */
int scp_error(struct scp *scp, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Sends one zero byte: "go on". */
int scp_ok(struct scp *scp);

/* Reads a line into line[SCP_LINE_SIZE] without its end; 1, or 0 at the end
 * of input. */
int scp_read_line(struct scp *scp, char *line);

/* Reads "go on" (1) or an error of the peer, which is counted (0). */
int scp_read_response(struct scp *scp);

/* Makes at least one byte available at buffer + start. 1, or 0 at the end. */
int scp_fill(struct scp *scp);

/* The program. Returns the exit status. */
int scp_main(int argc, char **argv);
