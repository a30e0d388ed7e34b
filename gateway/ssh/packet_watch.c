// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/packet_watch.h"

#include <arpa/inet.h>
#include <string.h>

/* libssh.a has it; the shared library does not export it. */
void ssh_packet_set_callbacks(ssh_session session,
    ssh_packet_callbacks callbacks);

enum {
	PACKET_USERAUTH_REQUEST = 50,
	PACKET_GLOBAL_REQUEST = 80,
	PACKET_CHANNEL_OPEN = 90,
	PACKET_CHANNEL_REQUEST = 98,
	N_WATCHED = PACKET_CHANNEL_REQUEST - PACKET_USERAUTH_REQUEST + 1
};

/* What is left of a packet; n_bytes never passes its end. */
struct reader {
	const uint8_t *p;
	uint32_t n_bytes;
};

static struct reader
reader_of(ssh_buffer packet)
{
	return (struct reader){ssh_buffer_get(packet),
	    ssh_buffer_get_len(packet)};
}

static bool
skip(struct reader *r, uint32_t n_bytes)
{
	if (r->n_bytes < n_bytes)
		return false;
	r->p += n_bytes;
	r->n_bytes -= n_bytes;
	return true;
}

static bool
read_u32(struct reader *r, uint32_t *ret)
{
	uint32_t value;

	if (r->n_bytes < sizeof value)
		return false;
	memcpy(&value, r->p, sizeof value);
	*ret = ntohl(value);
	return skip(r, sizeof value);
}

static bool
read_string(struct reader *r, const uint8_t **ret, uint32_t *ret_size)
{
	if (!read_u32(r, ret_size) || r->n_bytes < *ret_size)
		return false;
	*ret = r->p;
	return skip(r, *ret_size);
}

/* A name that is too long or holds a NUL reads as "". */
static bool
read_name(struct reader *r, char name[PACKET_WATCH_NAME_SIZE])
{
	const uint8_t *data;
	uint32_t size;

	name[0] = '\0';
	if (!read_string(r, &data, &size))
		return false;
	if (size >= PACKET_WATCH_NAME_SIZE || memchr(data, 0, size) != NULL)
		return true;
	memcpy(name, data, size);
	name[size] = '\0';
	return true;
}

static void
answer_overdue(struct packet_watch *watch)
{
	if (!watch->auth_is_unanswered)
		return;
	watch->auth_is_unanswered = false;
	watch->refuse_auth(watch->user);
}

static int
watch_auth(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	struct packet_watch *watch = user;
	struct reader r = reader_of(packet);
	const uint8_t *ignored;
	uint32_t size;
	char method[PACKET_WATCH_NAME_SIZE];

	(void)session;
	(void)type;
	answer_overdue(watch);
	watch->auth_is_unanswered = true;
	if (read_string(&r, &ignored, &size) &&
	    read_string(&r, &ignored, &size) && read_name(&r, method) &&
	    strcmp(method, "gssapi-with-mic") == 0) {
		answer_overdue(watch);
		return SSH_PACKET_USED;
	}
	return SSH_PACKET_NOT_USED;
}

static int
watch_global(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	struct packet_watch *watch = user;
	struct reader r = reader_of(packet);

	(void)session;
	(void)type;
	if (read_name(&r, watch->name) &&
	    strcmp(watch->name, "no-more-sessions@openssh.com") == 0)
		watch->refuses_sessions = true;
	return SSH_PACKET_NOT_USED;
}

static int
watch_open(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	struct packet_watch *watch = user;
	struct reader r = reader_of(packet);
	uint32_t sender, window;

	(void)session;
	(void)type;
	watch->max_packet_bytes = 0;
	if (!read_name(&r, watch->name) || !read_u32(&r, &sender) ||
	    !read_u32(&r, &window) || !read_u32(&r, &watch->max_packet_bytes))
		watch->max_packet_bytes = 0;
	return SSH_PACKET_NOT_USED;
}

static int
watch_request(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	struct packet_watch *watch = user;
	struct reader r = reader_of(packet);
	uint32_t channel, size;
	const uint8_t *data;

	(void)session;
	(void)type;
	watch->modes_size = 0;
	watch->name[0] = '\0';
	if (!read_u32(&r, &channel) || !read_name(&r, watch->name) ||
	    !skip(&r, 1) || strcmp(watch->name, "pty-req") != 0)
		return SSH_PACKET_NOT_USED;
	if (read_string(&r, &data, &size) && skip(&r, 4 * sizeof(uint32_t)) &&
	    read_string(&r, &data, &size) && size <= sizeof watch->modes) {
		memcpy(watch->modes, data, size);
		watch->modes_size = size;
	}
	return SSH_PACKET_NOT_USED;
}

static ssh_packet_callback watched[N_WATCHED] = {
    [0] = watch_auth,
    [PACKET_GLOBAL_REQUEST - PACKET_USERAUTH_REQUEST] = watch_global,
    [PACKET_CHANNEL_OPEN - PACKET_USERAUTH_REQUEST] = watch_open,
    [PACKET_CHANNEL_REQUEST - PACKET_USERAUTH_REQUEST] = watch_request,
};

void
packet_watch_start(struct packet_watch *watch, ssh_session session,
    void (*refuse_auth)(void *user), void *user)
{
	*watch = (struct packet_watch){.refuse_auth = refuse_auth,
	    .user = user};
	watch->callbacks = (struct ssh_packet_callbacks_struct){
	    .start = PACKET_USERAUTH_REQUEST,
	    .n_callbacks = N_WATCHED,
	    .callbacks = watched,
	    .user = watch,
	};
	ssh_packet_set_callbacks(session, &watch->callbacks);
}
