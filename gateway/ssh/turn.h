// SPDX-License-Identifier: Apache-2.0
/*
 * One turn of a connection's loop, as all that carries bytes sees it: what time
 * it is, where packets go, whose connection it is, who is behind it, and how to
 * end it. Made and kept by the loop (loop.c).
 */
#pragma once

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/settings/ssh_conf.h"

/* libssh takes 10 from the client's 32 768: more would become two packets. */
#define TURN_PACKET_BYTES 32758
#define TURN_CHUNK_BYTES  (8 * TURN_PACKET_BYTES)

/* A smaller maximum packet makes libssh, which takes 10 bytes from it, write
 * packets of nothing, for ever. */
#define TURN_PACKET_MIN_BYTES 11

/*
 * What waits for who does not read inside, of all channels together: libssh
 * lets a client send 1.25 MiB unasked on each. Where there is more, nothing is
 * read from the client until less is.
 */
#define TURN_UNREAD_BYTES (16 * 1024 * 1024)

struct broker_client;
struct init_client;
struct login;

struct turn {
	const struct ssh_conf *options;
	ssh_session ssh;
	uint64_t now_ms; /* when this turn of the loop began */
	size_t unread_bytes; /* of all relays: sent by the client, not taken
			      * inside yet */
	bool is_stalled; /* a key exchange: write no data until input came */
	const char *ending; /* words of the disconnect that is due, or NULL */

	struct init_client *init;
	struct broker_client *broker;
	const struct login *login;
	const char *user; /* as the client wrote it, for the log */
	const char *peer_address;

	uint8_t chunk[TURN_CHUNK_BYTES]; /* whoever reads, until it returns */
};

/* Lowers *timeout_ms (-1 = none) to left_ms. */
void turn_wake(int *timeout_ms, uint64_t left_ms);

/* Ends the connection, with these words (static), after what is being handled.
 * The first words count. */
void turn_end(struct turn *turn, const char *words);
