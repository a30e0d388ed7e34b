// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets of netfilter that are closed a little later. Where a transaction has
 * removed something, the kernel frees it after a grace period (10 to 30 ms),
 * and whoever closes a socket of the same namespace before that waits for it;
 * once it is over, nobody does. A list for each process, of one thread.
 */
#pragma once

struct mnl_socket;

#define LINGER_NONE (-1)

/* Something has just been removed: what is closed within the next moments
 * lingers. */
void linger_begin(void);

/* Takes over a socket, and closes it at once, or where it lingers later: the
 * oldest first, where too many do. */
void linger_close(struct mnl_socket *socket);

/* Closes those whose time has come. How many ms until the next is due, or
 * LINGER_NONE: none is left. Whoever changes tables calls it, as a socket keeps
 * its namespace. */
int linger_settle(void);

/* In a child: they are its parent's, and not open here. */
void linger_forget(void);
