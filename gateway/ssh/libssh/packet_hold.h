// SPDX-License-Identifier: Apache-2.0
/*
 * What belongs to channels and comes between a client's KEXINIT and its
 * NEWKEYS. RFC 4253, 7.1, forbids it and libssh ends the connection; sshd takes
 * it, and some clients depend on that (docs/libssh.md). Here libssh is told of
 * IGNORE, and of the packet itself when the keys are exchanged.
 */
#pragma once

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>

/* Held at once: a client that sends more does not exchange keys. */
#define PACKET_HOLD_MAX_BYTES (4 * 1024 * 1024)

/* Before libssh reads the first packet; and when the client is authenticated,
 * from when on packets may be held. */
void packet_hold_init(void);
void packet_hold_start(void);

/*
 * The oldest packet that is held, once it may be handed on: its type, and what
 * follows, for the caller to free. False where there is none. Until the last
 * was taken, those that follow are held too, and so none overtakes another.
 */
bool packet_hold_take(uint8_t *ret_type, ssh_buffer *ret_packet);

/* Whether one was lost, because there was no room or no memory for it. */
bool packet_hold_is_full(void);
