// SPDX-License-Identifier: Apache-2.0
/*
 * Batches of netlink messages, sent in one write and answered one by one: the
 * ground under links, routes and the firewall.
 */
#pragma once

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define NETLINK_BATCH_BYTES    (2048 * 1024)
#define NETLINK_BATCH_MESSAGES 5120

struct netlink {
	struct mnl_socket *socket;
	bool is_borrowed;
	int protocol;
	uint8_t *buffer;       /* NETLINK_BATCH_BYTES */
	const char **what;     /* behind them: words for errors */
	size_t used_bytes;     /* without the message being written */
	size_t most_bytes;     /* that a batch had */
	size_t sent_bytes;     /* that the last one had */
	struct nlmsghdr *last; /* the message being written, or NULL */
	uint32_t first_seq;
	size_t n_messages;
};

/*
 * A socket of `protocol` (NETLINK_ROUTE...) in the caller's network namespace
 * of this moment, close-on-exec. Zero-initialise *ret; free with
 * netlink_close, also after an error. One of netfilter lingers (linger.h).
 */
int netlink_open(int protocol, struct netlink *ret, struct err *err);
void netlink_close(struct netlink *netlink);

/*
 * A socket that outlasts what is said by it: as netlink_open opens one, of the
 * caller's namespace of this moment. *ret is the caller's to close, also after
 * an error where it is not NULL (mnl_socket_close, or linger_close).
 */
int netlink_socket(int protocol, struct mnl_socket **ret, struct err *err);

/* netlink_open by such a socket, which stays the caller's. After a failure
 * there may be answers in it that nobody has read: it is to be closed. */
int netlink_borrow(int protocol, struct mnl_socket *socket,
    struct netlink *ret, struct err *err);

#define auto_netlink __attribute__((cleanup(netlink_close)))

/*
 * Begins a message at the end of the batch; the caller adds what follows the
 * header. `what` (kept, not copied) says in errors what it was for. At most
 * NETLINK_BATCH_MESSAGES messages and NETLINK_BATCH_BYTES: more is a bug.
 */
struct nlmsghdr *netlink_add(
    struct netlink *netlink, const char *what, uint16_t type, uint16_t flags);

/*
 * Sends the batch and waits until the last message that asked for NLM_F_ACK
 * is answered, or any message is refused: then -errno with its words. The
 * batch is empty afterwards.
 */
int netlink_commit(struct netlink *netlink, struct err *err);

/* Sends once more what was sent last, which asked for no NLM_F_ACK; before
 * anything else is added. */
int netlink_repeat(struct netlink *netlink, struct err *err);
