// SPDX-License-Identifier: Apache-2.0
/*
 * How the gateway's processes are wired: which descriptors they are born with,
 * and the fixed frames that carry further ones. All sockets are SOCK_SEQPACKET
 * unless said otherwise; every frame is one datagram of exactly its struct.
 *
 * The supervisor (`gateway`) makes the socket pairs and starts the others:
 *	gateway-broker	-c CONF		fd 3: control, from the supervisor
 *	gateway-session	-c CONF -k N	fd 3: orders, from the broker;
 *					fds 4..4+N-1: host private key files
 *	gateway-http	-c CONF		fd 3: claims, to the broker;
 *					fd 4: the API's listening Unix socket;
 *					fd 5: its TCP listener, where there is
 *					one (-t says so, and -s that it speaks
 *					TLS);
 *					fd 6: certificates, with -s
 *	gateway-lobby	-c CONF		fd 3: orders, from the broker
 *	gateway-proxy	-c CONF		fd 3: claims, to the broker;
 *					fd 4: its listening TCP socket;
 *					fd 5: certificates, where there is -s
 *	gateway-resolver -c CONF	fd 3: nothing, from the supervisor;
 *					fd 4: the listening socket that sandboxd
 *					connects to (common/names.def)
 *	gateway-webhook	-c CONF		fd 3: orders, from the broker
 *	gateway-depot	-c CONF		fd 3: orders, from the broker
 * Each exits when its fd 3 reaches end of file. Sessions do not: they lose
 * only the power to authenticate.
 */
#pragma once

#include <stdint.h>

#define HANDOVER_FD	  3
#define HANDOVER_FIRST_FD 4 /* of those that follow */

/* Supervisor to broker; one descriptor each. */
enum handover_kind {
	HANDOVER_SSH_LISTENER,	  /* a listening TCP socket, added */
	HANDOVER_ZYGOTE,	  /* orders to a zygote; replaces the last */
	HANDOVER_HTTP,		  /* claims of a gateway-http; replaces it */
	HANDOVER_HOST_PUBLIC_KEY, /* a readable file, one line; added */
	HANDOVER_LOBBY,		  /* orders to a gateway-lobby; replaces it */
	HANDOVER_PROXY,		  /* claims of a gateway-proxy; replaces it */
	HANDOVER_WEBHOOK,	  /* orders to a gateway-webhook; likewise */
	HANDOVER_DEPOT,		  /* orders to a gateway-depot; likewise */
};

struct handover_control {
	uint32_t kind; /* enum handover_kind */
};

/*
 * Supervisor to gateway-http and gateway-proxy, with two descriptors, at the
 * beginnings of files of PEM: what to show from now on, in place of what came
 * before.
 */
enum {
	HANDOVER_CERTIFICATE_CHAIN, /* the certificate first */
	HANDOVER_CERTIFICATE_KEY,
	HANDOVER_CERTIFICATE_FDS
};
struct handover_certificate {
	uint32_t number; /* from 1; for the log */
};

#define HANDOVER_ADDRESS_SIZE 64

/*
 * Broker to zygote, with two descriptors: the client's TCP socket and the
 * session's end of a fresh claim socket (broker.def, BROKER_PEER_SSH).
 * Addresses are numeric and terminated.
 */
struct handover_session {
	char peer_address[HANDOVER_ADDRESS_SIZE];
	char local_address[HANDOVER_ADDRESS_SIZE];
	uint16_t peer_port;
	uint16_t local_port;
};

#define HANDOVER_COMMAND_SIZE 32768
#define HANDOVER_TOKEN_SIZE   80

/*
 * Broker to gateway-lobby, with five descriptors: the command's standard
 * input, output and error; where it writes its wait(2) status, four bytes; and
 * a socket on which one byte asks the broker for a connection to the API (a
 * struct handover_connection answers). Strings are terminated.
 */
#define HANDOVER_LOBBY_FDS 5
struct handover_lobby {
	char token[HANDOVER_TOKEN_SIZE]; /* for the API */
	uint32_t is_shell;   /* no command: each line of input is one */
	uint32_t is_terminal; /* lines end with CR LF */
	char command[HANDOVER_COMMAND_SIZE];
};

#define HANDOVER_URL_SIZE  1024
#define HANDOVER_BODY_SIZE 4096

/*
 * Broker to gateway-webhook, with one descriptor: a pipe, to which what became
 * of it is written, once. Strings are terminated, and printable ASCII.
 */
struct handover_post {
	char url[HANDOVER_URL_SIZE];
	char event_id[32];
	char event_type[64];
	char signature[80]; /* "" = unsigned */
	char body[HANDOVER_BODY_SIZE];
};

/* What the other side said; 0 = nothing, and the words are why. */
struct handover_posted {
	uint32_t status;
	char words[128];
};

#define HANDOVER_DEPOT_NAME_SIZE 64
enum handover_depot_kind {
	HANDOVER_DEPOT_OPEN,   /* serves a capability, the one descriptor */
	HANDOVER_DEPOT_CUT,    /* those with this number end */
	HANDOVER_DEPOT_FORGET, /* the organisation is no more */
};

/*
 * Broker to gateway-depot. Names are terminated. What comes back, a datagram
 * each, are names of organisations that something is kept of:
 * HANDOVER_DEPOT_FORGET answers one that is no more.
 */
struct handover_depot {
	uint32_t kind;	 /* enum handover_depot_kind */
	uint32_t rights; /* enum depot_right */
	uint64_t number; /* of the identity */
	uint64_t bytes_max; /* of all artifacts of the organisation; 0 = none */
	uint32_t is_own_only; /* disks of other owners are none */
	char org[HANDOVER_DEPOT_NAME_SIZE];
	char owner[HANDOVER_DEPOT_NAME_SIZE]; /* "" = nobody in particular */
};

/* Broker to a command, with one descriptor unless `error` says why not. */
struct handover_connection {
	int32_t error; /* 0, or an errno */
};
