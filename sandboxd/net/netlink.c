// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/netlink.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "common/fd.h"
#include "sandboxd/net/linger.h"

/* The kernel answers inside the send; this only bounds a bug of ours. */
#define ANSWER_TIMEOUT_S   10
#define MESSAGE_BYTES_MAX  4096
#define ANSWER_BUFFER_SIZE (32 * 1024)

/* Buffers of which no more was touched are kept for the next, as many as are
 * open at once: to map and unmap one takes as long as many a batch. They are a
 * process's, of one thread. */
#define SPARE_BYTES (64 * 1024)
#define SPARES_MAX  4
static uint8_t *spares[SPARES_MAX];
static size_t n_spares;

/* What follows the batch: words for errors, of each message. */
#define WORDS_BYTES  (NETLINK_BATCH_MESSAGES * sizeof(const char *))
#define BUFFER_BYTES (NETLINK_BATCH_BYTES + WORDS_BYTES)

int
netlink_socket(int protocol, struct mnl_socket **ret, struct err *err)
{
	struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_S};
	static const int send_bytes = NETLINK_BATCH_BYTES;

	*ret = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	if (!*ret)
		return err_errno(err, "cannot open a netlink socket");
	if (mnl_socket_bind(*ret, 0, MNL_SOCKET_AUTOPID) < 0)
		return err_errno(err, "cannot bind a netlink socket");
	/* A batch is one datagram, however large. */
	if (setsockopt(mnl_socket_get_fd(*ret), SOL_SOCKET, SO_RCVTIMEO,
		&timeout, sizeof timeout) < 0 ||
	    setsockopt(mnl_socket_get_fd(*ret), SOL_SOCKET,
		SO_SNDBUFFORCE, &send_bytes, sizeof send_bytes) < 0)
		return err_errno(err, "cannot set up a netlink socket");
	return 0;
}

static int
make_buffer(int protocol, struct netlink *ret, struct err *err)
{
	void *buffer;

	/* Of its pages few are ever touched. */
	if (n_spares > 0)
		buffer = spares[--n_spares];
	else
		buffer = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		return err_set(err, ENOMEM, "no memory for netlink");
	ret->protocol = protocol;
	ret->buffer = buffer;
	ret->what = (void *)(ret->buffer + NETLINK_BATCH_BYTES);
	ret->first_seq = 1;
	return 0;
}

int
netlink_open(int protocol, struct netlink *ret, struct err *err)
{
	int r = make_buffer(protocol, ret, err);

	return r < 0 ? r : netlink_socket(protocol, &ret->socket, err);
}

int
netlink_borrow(int protocol, struct mnl_socket *socket, struct netlink *ret,
    struct err *err)
{
	ret->is_borrowed = true;
	ret->socket = socket;
	return make_buffer(protocol, ret, err);
}

void
netlink_close(struct netlink *netlink)
{
	if (netlink->is_borrowed)
		; /* which is another's */
	else if (netlink->socket && netlink->protocol == NETLINK_NETFILTER)
		linger_close(netlink->socket);
	else if (netlink->socket)
		(void)mnl_socket_close(netlink->socket);
	if (netlink->buffer && n_spares < SPARES_MAX &&
	    netlink->most_bytes <= SPARE_BYTES)
		spares[n_spares++] = netlink->buffer;
	else if (netlink->buffer)
		(void)munmap(netlink->buffer, BUFFER_BYTES);
	memset(netlink, 0, sizeof *netlink);
}

/* Takes the message being written into the batch. */
static void
finish_message(struct netlink *netlink)
{
	if (!netlink->last)
		return;
	netlink->used_bytes += MNL_ALIGN(netlink->last->nlmsg_len);
	netlink->last = NULL;
	assert(netlink->used_bytes <= NETLINK_BATCH_BYTES);
}

struct nlmsghdr *
netlink_add(
    struct netlink *netlink, const char *what, uint16_t type, uint16_t flags)
{
	finish_message(netlink);
	assert(netlink->n_messages < NETLINK_BATCH_MESSAGES);
	assert(netlink->used_bytes + MESSAGE_BYTES_MAX <= NETLINK_BATCH_BYTES);
	netlink->last =
	    mnl_nlmsg_put_header(netlink->buffer + netlink->used_bytes);
	netlink->last->nlmsg_type = type;
	netlink->last->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	netlink->last->nlmsg_seq =
	    netlink->first_seq + (uint32_t)netlink->n_messages;
	netlink->what[netlink->n_messages++] = what;
	return netlink->last;
}

/* The last message's sequence number that asked for an answer. */
static uint32_t
last_answered_seq(const struct netlink *netlink)
{
	const uint8_t *p = netlink->buffer;
	const uint8_t *end = p + netlink->used_bytes;
	uint32_t seq = 0;

	while (p < end) {
		const struct nlmsghdr *message = (const void *)p;

		if (message->nlmsg_flags & NLM_F_ACK)
			seq = message->nlmsg_seq;
		p += MNL_ALIGN(message->nlmsg_len);
	}
	return seq;
}

/* One datagram of answers: 1 = the last one came, 0 = go on, or -errno. */
static int
read_answers(struct netlink *netlink, uint32_t last_seq, const char *buffer,
    size_t size, struct err *err)
{
	const struct nlmsghdr *message = (const void *)buffer;
	int left = (int)size;

	for (; mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left)) {
		const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);
		size_t i = message->nlmsg_seq - netlink->first_seq;

		if (message->nlmsg_type != NLMSG_ERROR)
			continue;
		if (mnl_nlmsg_get_payload_len(message) < sizeof *answer)
			return err_set(err, EBADMSG, "netlink: short answer");
		if (answer->error != 0) {
			errno = -answer->error;
			return err_errno(err, "%s",
			    i < netlink->n_messages ? netlink->what[i]
						    : "netlink transaction");
		}
		if (message->nlmsg_seq == last_seq)
			return 1;
	}
	return 0;
}

static int
wait_for_answers(struct netlink *netlink, uint32_t last_seq, struct err *err)
{
	auto_free char *buffer = NULL;
	ssize_t n;
	int r;

	buffer = malloc(ANSWER_BUFFER_SIZE);
	if (!buffer)
		return err_set(err, ENOMEM, "no memory for netlink");
	for (;;) {
		n = recv(mnl_socket_get_fd(netlink->socket), buffer,
		    ANSWER_BUFFER_SIZE, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "netlink does not answer");
		r = read_answers(netlink, last_seq, buffer, (size_t)n, err);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

int
netlink_commit(struct netlink *netlink, struct err *err)
{
	uint32_t last_seq;
	int r = 0;

	finish_message(netlink);
	last_seq = last_answered_seq(netlink);
	if (mnl_socket_sendto(
		netlink->socket, netlink->buffer, netlink->used_bytes) < 0)
		r = err_errno(err, "cannot send to netlink");
	else if (last_seq != 0)
		r = wait_for_answers(netlink, last_seq, err);
	netlink->first_seq += (uint32_t)netlink->n_messages;
	netlink->sent_bytes = netlink->used_bytes;
	if (netlink->most_bytes < netlink->used_bytes)
		netlink->most_bytes = netlink->used_bytes;
	netlink->n_messages = 0;
	netlink->used_bytes = 0;
	return r;
}

int
netlink_repeat(struct netlink *netlink, struct err *err)
{
	return mnl_socket_sendto(netlink->socket, netlink->buffer,
	    netlink->sent_bytes) < 0 ?
	    err_errno(err, "cannot send to netlink") : 0;
}
