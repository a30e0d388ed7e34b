// SPDX-License-Identifier: Apache-2.0
/*
 * The bytes between libssh and the client's socket. libssh reads 4 096 bytes
 * at a time, writes each packet by itself and dies of EAGAIN; the program is
 * linked so that its recv, send and poll come here (--wrap), where they meet
 * two buffers. The socket itself is non-blocking and touched only by
 * wire_fill and wire_flush. One connection a process, so the state is static.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

/* Above this many unsent bytes, produce no more. */
#define WIRE_HIGH_BYTES (256 * 1024)
/* Above this many, read nothing either: the client asks but does not read. */
#define WIRE_FULL_BYTES (1024 * 1024)

/*
 * Takes the client's socket (owned from now on) and makes the descriptor that
 * libssh is to be given, and may close.
 */
int wire_open(int fd, int *ret_library_fd, struct err *err);

/* One recv(2): 1 for bytes, 0 at end of file, -EAGAIN, another -errno. */
int wire_fill(void);

/*
 * Tells whoever does not speak the protocol so, as sshd does, once the first
 * bytes are there; true = it is to be left.
 */
bool wire_refuse_stranger(void);

/* Sends what it can: 0 when all is sent, -EAGAIN, another -errno. */
int wire_flush(void);

/* Whether bytes wait that libssh has not taken yet. */
bool wire_has_input(void);
size_t wire_unsent_bytes(void);

/* libssh sees input only between true and false: no packet is handled, and no
 * callback runs, while something is being written. */
void wire_let_read(bool may_read);

/*
 * Acknowledge the next segment at once (TCP_QUICKACK, which the kernel
 * forgets): OpenSSH's client runs the first exchanges with Nagle's algorithm
 * on, and each would otherwise wait for a delayed ACK.
 */
void wire_acknowledge_fast(void);
