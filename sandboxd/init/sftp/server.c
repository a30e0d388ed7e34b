// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/sftp/confine.h"
#include "sandboxd/init/sftp/requests.h"

#define PROTOCOL_VERSION 3
#define TYPE_INIT	 1
#define IN_SIZE		 (2 * (SFTP_PACKET_MAX + 4))
#define OUT_SIZE	 (2 * (SFTP_PACKET_MAX + 4))

/* Replies are written in pieces of at least this, or when nothing comes in. */
#define OUT_FLUSH (128 * 1024)

/* With which OpenSSH's server leaves what is not SFTP. */
#define EXIT_TOO_LONG  11
#define EXIT_MALFORMED 255

int
sftp_server_init(struct sftp_server *server, int out_fd)
{
	memset(server, 0, sizeof *server);
	server->out_fd = out_fd;
	server->out.data = malloc(OUT_SIZE);
	server->out.size = OUT_SIZE;
	sftp_splice_init(&server->splice);
	quota_init(&server->quota);
	return server->out.data != NULL ? 0 : -ENOMEM;
}

void
sftp_server_fini(struct sftp_server *server)
{
	sftp_handles_fini(&server->handles);
	sftp_splice_fini(&server->splice);
	names_fini(&server->names);
	quota_close(&server->quota);
	if (server->root != NULL)
		(void)closedir(server->root);
	free(server->out.data);
	server->out.data = NULL;
}

int
sftp_server_flush(struct sftp_server *server)
{
	int r = fd_write_all(server->out_fd, server->out.data,
	    server->out.used);

	server->out.used = 0;
	return r;
}

size_t
sftp_reply_begin(struct sftp_server *server, enum sftp_reply type, uint32_t id)
{
	size_t start = server->out.used;

	sftp_put_u32(&server->out, 0);
	sftp_put_u8(&server->out, (uint8_t)type);
	sftp_put_u32(&server->out, id);
	return start;
}

void
sftp_reply_end(struct sftp_server *server, size_t start)
{
	sftp_set_u32(&server->out, start,
	    (uint32_t)(server->out.used - start - 4));
}

void
sftp_reply_status(struct sftp_server *server, uint32_t id,
    enum sftp_status status)
{
	static const char *const words[N_SFTP_STATUS] = {"Success",
	    "End of file", "No such file", "Permission denied", "Failure",
	    "Bad message", "No connection", "Connection lost",
	    "Operation unsupported"};

	sftp_reply_words(server, id, status, words[status]);
}

void
sftp_reply_words(struct sftp_server *server, uint32_t id,
    enum sftp_status status, const char *words)
{
	size_t start = sftp_reply_begin(server, SFTP_STATUS, id);

	sftp_put_u32(&server->out, status);
	sftp_put_text(&server->out, words);
	sftp_put_text(&server->out, "");
	sftp_reply_end(server, start);
}

enum sftp_status
sftp_status_of(int code)
{
	switch (code) {
	case 0:
		return SFTP_OK;
	case ENOENT:
	case ENOTDIR:
	case EBADF:
	case ELOOP:
		return SFTP_NO_SUCH_FILE;
	case EPERM:
	case EACCES:
	case EFAULT:
		return SFTP_PERMISSION_DENIED;
	case ENAMETOOLONG:
	case EINVAL:
		return SFTP_BAD_MESSAGE;
	case ENOSYS:
		return SFTP_OP_UNSUPPORTED;
	default:
		return SFTP_FAILURE;
	}
}

static int
serve_init(struct sftp_server *server, struct sftp_reader *reader)
{
	size_t start;

	(void)sftp_get_u32(reader); /* the client's version */
	if (reader->is_bad)
		return -EBADMSG;
	server->is_initialised = true;
	start = sftp_reply_begin(server, SFTP_VERSION, PROTOCOL_VERSION);
	sftp_put_extensions(server);
	sftp_reply_end(server, start);
	return 0;
}

static int
serve(struct sftp_server *server, struct sftp_reader *reader)
{
	uint8_t type = sftp_get_u8(reader); /* 0, and bad, of nothing */
	size_t start = server->out.used;
	enum sftp_status status;
	uint32_t id;

	if (type == TYPE_INIT)
		return serve_init(server, reader);
	id = sftp_get_u32(reader);
	if (reader->is_bad || !server->is_initialised)
		return -EBADMSG;
	status = sftp_serve_request(server, type, id, reader);
	if (status != SFTP_OK) {
		server->out.used = start;
		sftp_reply_status(server, id, status);
	}
	return server->error;
}

int
sftp_server_feed(struct sftp_server *server, const uint8_t *data, size_t size,
    size_t *ret_used)
{
	size_t used = 0;
	uint32_t length;
	int r = 0;

	while (r == 0 && size - used >= sizeof length) {
		memcpy(&length, data + used, sizeof length);
		length = __builtin_bswap32(length);
		if (length > SFTP_PACKET_MAX)
			return -EMSGSIZE;
		if (size - used - sizeof length < length)
			break;
		struct sftp_reader reader = {data + used + sizeof length,
		    length, false};

		if (server->out.used >= OUT_FLUSH)
			r = sftp_server_flush(server);
		if (r == 0)
			r = serve(server, &reader);
		used += sizeof length + length;
	}
	*ret_used = used;
	return r;
}

/* Reads, serves, and replies before it would wait. */
static int
run(struct sftp_server *server, uint8_t *in)
{
	size_t start = 0, end = 0, used;
	ssize_t n;
	int r, flushed;

	for (;;) {
		if (end - start < SFTP_PACKET_MAX && start > 0) {
			memmove(in, in + start, end - start);
			end -= start;
			start = 0;
		}
		n = read(STDIN_FILENO, in + end, IN_SIZE - end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		end += (size_t)n;
		r = sftp_server_feed(server, in + start, end - start, &used);
		start += used;
		/* What came before a bad packet is answered all the same. */
		flushed = sftp_server_flush(server);
		if (r < 0 || flushed < 0)
			return r < 0 ? r : flushed;
	}
}

static int
usage(void)
{
	fprintf(stderr, "usage: sftp-server [-CR]\n");
	return 2;
}

/* Serves stdin to its end; the exit status. */
static int
serve_stdin(struct sftp_server *server)
{
	auto_free uint8_t *in = malloc(IN_SIZE);
	int r = in != NULL ? run(server, in) : -ENOMEM;

	if (r == -EMSGSIZE)
		return EXIT_TOO_LONG;
	if (r == -EBADMSG)
		return EXIT_MALFORMED;
	if (r < 0 && r != -EPIPE)
		fprintf(stderr, "sftp-server: %s\n", strerror(-r));
	return r < 0;
}

int
sftp_server_main(int argc, char **argv)
{
	bool is_confined = false;
	struct sftp_server server;
	struct err err = {0};
	int option, r = 1;

	if (sftp_server_init(&server, STDOUT_FILENO) < 0) {
		fprintf(stderr, "sftp-server: out of memory\n");
		return 1;
	}
	while ((option = getopt(argc, argv, "CR")) != -1) {
		is_confined |= option == 'C';
		server.is_read_only |= option == 'R';
		if (option == '?')
			return usage();
	}
	if (optind != argc)
		return usage();
	if (is_confined && confine_enter(&server, &err) < 0)
		fprintf(stderr, "sftp-server: %s\n", err.text);
	else
		r = serve_stdin(&server);
	sftp_server_fini(&server);
	return r;
}
