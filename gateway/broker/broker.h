// SPDX-License-Identifier: Apache-2.0
/*
 * gateway-broker: decides who may, parses nothing from the network. Runs as
 * the user `sandgate`, alone opens the key database, accepts SSH connections
 * and hands them on unread. One thread, one loop; nothing in it blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/un.h>
#include <systemd/sd-event.h>

#include "common/err.h"
#include "common/rpc_server.h"
#include "gateway/broker/api/identity.h"
#include "gateway/broker/audit.h"
#include "gateway/broker/creation.h"
#include "gateway/broker/login/sandbox_index.h"
#include "gateway/broker/login/session_ids.h"
#include "gateway/broker/penalty.h"
#include "gateway/broker/sandboxd_client.h"
#include "gateway/protocol/handover.h"
#include "gateway/settings/gateway_conf.h"
#include "gateway/settings/proxy_conf.h"
#include "keys/store.h"

#define BROKER_LISTENERS_MAX	 16
#define BROKER_HOST_KEYS_SIZE	 16384
#define BROKER_FLUSH_INTERVAL_MS 10000

/* How long a login and an API request wait for a sandboxd that is away. */
#define BROKER_LOGIN_WAIT_MS 10000
#define BROKER_API_WAIT_MS   2000

/* And a login that makes a sandbox, for each of its two steps. */
#define BROKER_CREATE_WAIT_MS 30000

struct connection;
struct outbox;
TAILQ_HEAD(connections, connection);

struct broker_listener {
	int fd;
	sd_event_source *io;
};

/* The one connection that is accepted but not handed on yet. */
struct broker_handover {
	struct connection *connection; /* NULL = none */
	struct handover_session frame;
	int client_fd;
	int session_fd; /* the session's end of the claim socket */
};

struct broker {
	struct gateway_conf settings;
	struct proxy_conf proxy_settings;
	sd_event *event;
	struct store *store;
	struct sandboxd_client *sandboxd;
	struct sandbox_index *sandboxes; /* whose each is */
	struct creations unwanted;	 /* being undone */
	LIST_HEAD(, org_removal) removals; /* api/org_removal.h */
	struct audit audit;
	uint64_t started_ms;

	struct broker_listener listeners[BROKER_LISTENERS_MAX];
	size_t n_listeners;
	sd_event_source *pause_timer; /* set while descriptors are short */
	uint16_t ssh_port;	      /* of the first listener */
	struct connections connections;
	struct penalties penalties;
	uint32_t n_connections;
	uint32_t n_startups; /* of those, not authenticated */
	uint32_t n_dropped;  /* since the last line about it */
	uint64_t dropped_logged_ms;

	int zygote_fd;
	sd_event_source *zygote_io;
	struct broker_handover handover;

	struct rpc_server http;
	sd_event_source *http_io;
	uint64_t http_generation; /* grows with each gateway-http */
	char api_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct api_identities identities;
	struct {
		int64_t since_ms;
		unsigned int n;
	} scans; /* for signed URLs (api/signature.h) */

	struct rpc_server proxy;
	sd_event_source *proxy_io;
	uint64_t proxy_generation; /* grows with each gateway-proxy */

	int lobby_fd; /* orders to gateway-lobby */
	sd_event_source *lobby_io;
	TAILQ_HEAD(, lobby_command) lobby_waiting; /* with orders to send */
	uint32_t n_lobby_commands;

	char host_keys[BROKER_HOST_KEYS_SIZE]; /* NUL-terminated, packed */
	uint32_t host_keys_size;
	uint32_t n_host_keys;

	struct session_ids session_ids;
	struct outbox *outbox; /* webhooks */
	int depot_fd;	       /* orders to gateway-depot; -1 = there is none */
	sd_event_source *depot_io;
};

/*
 * Opens everything the broker works with and serves what comes over
 * control_fd (handover.h) until its end of file, SIGTERM or SIGINT. Privileges
 * must have been dropped. 0 or -errno.
 */
int broker_run(struct broker *broker, int control_fd, struct err *err);
