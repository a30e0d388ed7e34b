// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/names/names.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/rpc_watch.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/names/asked.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/names.h"
#include "sandboxd/net/egress/policy_narrow.h"
#include "sandboxd/net/look_sockets.h"
#include "sandboxd/net/name_sockets.h"
#include "sandboxd/recipe/init_process.h"

#define SOCKET_NAME "resolver.sock"
#define RETRY_MS    50

/* More than the resolver tries for. */
#define LOOK_UP_TIMEOUT_MS 10000

/* For every sandbox that it is told of: what, and where. */
#define CALLS_PER_SANDBOX (4 + EGRESS_RESOLVERS_MAX)
#define QUEUE_BYTES_MAX	  (64 * 1024 * 1024)

struct names {
	struct daemon *daemon;
	struct rpc_watch link;
	struct clock_timer retry;
	bool is_begun; /* it has forgotten what was before */
	uint32_t last_serial;
};

static void
on_done(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	(void)arg;
	(void)reply;
	(void)message;
	if (err != NULL && err->code != EPIPE)
		log_error("gateway-resolver: %s", err->text);
}

/* What cannot be told to it ends the connection; the next is told all. */
static int
call(struct names *names, const struct rpc_call *row, const void *request,
    const int *fds, size_t n_fds, rpc_client_done *done)
{
	struct err err = {0};
	int r = rpc_client_call(names->link.client, &(struct rpc_client_call){
	    .row = row, .request = request, .fds = fds, .n_fds = n_fds,
	    .done = done, .arg = names}, NULL, &err);

	if (r < 0)
		log_error("gateway-resolver: %s", err.text);
	return r;
}

static struct rpc_bytes
list_of(const struct sandbox *sandbox)
{
	return (struct rpc_bytes){(const uint8_t *)sandbox->record.egress,
	    sandbox->record.egress_size};
}

static uint64_t
hash_policy(const struct sandbox *sandbox)
{
	const struct rpc_bytes list = list_of(sandbox), ceiling =
	    ceiling_of(sandbox->daemon, sandbox->record.org);
	unsigned char digest[crypto_generichash_BYTES_MIN];
	crypto_generichash_state state;
	uint64_t hash;

	crypto_generichash_init(&state, NULL, 0, sizeof digest);
	crypto_generichash_update(&state, list.data, list.size);
	crypto_generichash_update(&state, (const unsigned char *)&list.size,
	    sizeof list.size);
	if (ceiling.size > 0)
		crypto_generichash_update(&state, ceiling.data, ceiling.size);
	crypto_generichash_final(&state, digest, sizeof digest);
	memcpy(&hash, digest, sizeof hash);
	return hash;
}

/* Whether it, or its organisation, says anything that may have names. */
static bool
has_policy(const struct sandbox *sandbox)
{
	return sandbox->record.egress_size > 0 || ceiling_of(sandbox->daemon,
	    sandbox->record.org).size > 0;
}

/* Who has an init, and the firewall of its policy around it. */
static bool
is_ready(const struct sandbox *sandbox)
{
	const struct sandbox_record *record = &sandbox->record;

	return record->pid != 0 && has_policy(sandbox) &&
	    !sandbox->egress.is_applying && record->state != SANDBOX_POOLED &&
	    record->state != SANDBOX_BLANK && record->state != SANDBOX_FITTING;
}

static void
forget(struct names *names, struct sandbox *sandbox)
{
	const struct rpc_names_forget_event event = {sandbox->record.id};

	names_door_close(&sandbox->names.door);
	if (sandbox->names.serial == 0)
		return;
	sandbox->names.serial = 0;
	sandbox->names.pid = 0;
	sandbox->names.is_looking = false;
	if (names->is_begun)
		(void)call(names, &rpc_call_names_forget, &event, NULL, 0,
		    NULL);
}

/* What there is to be told of one. */
struct served {
	const struct policy *policy, *ceiling; /* the ceiling's NULL: none */
	struct policy_names names;
};

static int
tell_domains(struct names *names, struct sandbox *sandbox,
    const struct served *served)
{
	const struct egress_host *host = &names->daemon->runtime.egress;
	const struct policy_names *all = &served->names;
	const size_t n = all->n < EGRESS_DOMAINS_MAX ? all->n :
	    EGRESS_DOMAINS_MAX;
	auto_free char *words = malloc(EGRESS_DOMAINS_MAX *
	    EGRESS_DOMAIN_SIZE);
	struct rpc_names_serve_req request = {.id = sandbox->record.id,
	    .serial = sandbox->names.serial,
	    .is_open = policy_both_open(served->policy, served->ceiling,
		host),
	    .is_dns_closed = encrypted_dns_is_closed_by(host, served->policy,
		served->ceiling)};
	char *end = words;

	if (words == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		end = stpcpy(end, all->items[i]->name) + 1;
		sandbox->names.marks[i] = all->items[i]->mark;
		sandbox->names.looks[i] = all->looks[i];
	}
	sandbox->names.n_marks = n;
	request.looks = (struct rpc_bytes){sandbox->names.looks, (uint32_t)n};
	request.domains = (struct rpc_strv){.data = words,
	    .size = (uint32_t)(end - words), .count = (uint32_t)n};
	return call(names, &rpc_call_names_serve, &request, NULL, 0, on_done);
}

/* One pair for each address that is asked; the descriptors are its alone. */
static int
tell_sockets(struct names *names, const struct sandbox *sandbox,
    struct err *err)
{
	const struct egress_host *host = &names->daemon->runtime.egress;
	const struct rpc_names_listen_req request = {sandbox->record.id};
	struct name_sockets sockets[EGRESS_RESOLVERS_MAX];
	auto_close int netns_fd = -1;
	int r = process_open_network(sandbox->record.pid, sandbox->pid_fd,
	    &netns_fd, err);
	size_t n = 0;

	if (r < 0 || (r = name_sockets_open(netns_fd, host->resolvers,
	    host->n_resolvers, sockets, &n, err)) < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		const int fds[] = {sockets[i].udp_fd, sockets[i].tcp_fd};

		if (r == 0)
			r = call(names, &rpc_call_names_listen, &request, fds,
			    2, on_done);
		fd_close(&sockets[i].udp_fd);
		fd_close(&sockets[i].tcp_fd);
	}
	return r;
}

/* Once in a life, and only where its policy looks at anything. */
static int
tell_look_sockets(struct names *names, struct sandbox *sandbox,
    struct err *err)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	const struct rpc_names_look_req request = {sandbox->record.id};
	auto_close int netns_fd = -1;
	int r = process_open_network(sandbox->record.pid, sandbox->pid_fd,
	    &netns_fd, err);

	for (size_t i = 0; r == 0 && i < 2; i++) {
		auto_close int fd = -1;

		r = look_sockets_open(netns_fd, families[i], &fd, err);
		if (r == 0)
			r = call(names, &rpc_call_names_look, &request, &fd,
			    1, on_done);
		else if (families[i] == AF_INET6 && (r == -EAFNOSUPPORT ||
		    r == -EADDRNOTAVAIL))
			r = 0;
	}
	sandbox->names.is_looking = r == 0;
	return r;
}

static void
serve(struct names *names, struct sandbox *sandbox,
    const struct served *served)
{
	const bool is_other_life = sandbox->names.serial == 0 ||
	    sandbox->names.pid != sandbox->record.pid;
	struct err err = {0};

	if (is_other_life)
		forget(names, sandbox);
	if (++names->last_serial == 0)
		names->last_serial = 1;
	sandbox->names.serial = names->last_serial;
	sandbox->names.pid = sandbox->record.pid;
	if (tell_domains(names, sandbox, served) == 0 && is_other_life &&
	    tell_sockets(names, sandbox, &err) < 0)
		log_error("no names id=%s: %s", sandbox->record.id, err.text);
	if (policy_looking(served->policy) > 0 && !sandbox->names.is_looking &&
	    tell_look_sockets(names, sandbox, &err) < 0)
		log_error("no names looked at id=%s: %s", sandbox->record.id,
		    err.text);
}

void
names_review(struct sandbox *sandbox)
{
	struct names *names = sandbox->daemon->names;
	auto_free struct policy *policy = NULL, *ceiling = NULL;
	struct served served = {0};
	uint64_t hash;

	if (names == NULL || (sandbox->names.serial == 0 &&
	    !is_ready(sandbox)))
		return;
	if (sandbox->record.pid == 0 || !has_policy(sandbox)) {
		forget(names, sandbox);
		return;
	}
	if (!names->is_begun || !is_ready(sandbox))
		return;
	hash = hash_policy(sandbox);
	if (hash == sandbox->names.policy &&
	    sandbox->names.pid == sandbox->record.pid)
		return;
	sandbox->names.policy = hash;
	if (policy_make_both(list_of(sandbox), ceiling_of(sandbox->daemon,
	    sandbox->record.org), &sandbox->daemon->runtime.egress, &policy,
	    &ceiling, NULL) == 0) {
		served.policy = policy;
		served.ceiling = ceiling;
		policy_names_of(policy, ceiling, &served.names);
	}
	if (served.names.is_any) {
		serve(names, sandbox, &served);
	} else {
		forget(names, sandbox);
		sandbox->names.pid = sandbox->record.pid;
	}
}

/* Those whose policies have no names: what they would be told. */
static void
serve_nobody(struct names *names)
{
	const struct rpc_names_serve_req request = {.id = "", .is_open = 1,
	    .is_dns_closed = encrypted_dns_is_closed(
		&names->daemon->runtime.egress, NULL)};

	(void)call(names, &rpc_call_names_serve, &request, NULL, 0, on_done);
}

static void
review_all(struct names *names)
{
	const struct sandbox_table *table = &names->daemon->sandboxes;

	serve_nobody(names);
	for (size_t i = 0; i < table->n; i++) {
		struct sandbox_names *one = &table->sorted[i]->names;

		/* It may come and go, and is told of no more for that. */
		names_door_close(&one->door);
		*one = (struct sandbox_names){.refused_ms = one->refused_ms,
		    .n_refused = one->n_refused,
		    .unresolved_ms = one->unresolved_ms,
		    .n_unresolved = one->n_unresolved};
		names_review(table->sorted[i]);
	}
}

static void
on_begun(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct names *names = arg;

	(void)message;
	(void)err;
	if (reply == NULL)
		return;
	names->is_begun = true;
	log_info("gateway-resolver answers names");
	review_all(names);
}

static int
on_asked(void *arg, const struct rpc_message *message)
{
	struct names *names = arg;

	return names_asked(names->daemon, rpc_client_fd(names->link.client),
	    message);
}

static void
try_later(struct names *names)
{
	int r = clock_arm(&names->daemon->clock, &names->retry, RETRY_MS);

	if (r < 0)
		log_error("no more names: %s", strerror(-r));
}

static void
on_hangup(void *arg)
{
	struct names *names = arg;

	if (names->is_begun)
		log_warn("gateway-resolver is gone: no names until it is back");
	names->is_begun = false;
	try_later(names);
}

static void
connect_now(void *data)
{
	struct names *names = data;
	const struct rpc_names_begin_req request = {
	    (uint32_t)names->daemon->runtime.egress.n_resolvers};
	char path[PATH_MAX];
	struct err err = {0};
	int fd;

	if (path_join(path, sizeof path,
	    names->daemon->settings.paths.run_dir, SOCKET_NAME, &err) < 0)
		return;
	fd = fd_seqpacket_connect(path);
	if (fd < 0) {
		try_later(names);
		return;
	}
	fd_refuse_passing(fd);
	rpc_client_connect(names->link.client, fd);
	if (call(names, &rpc_call_names_begin, &request, NULL, 0,
	    on_begun) < 0)
		try_later(names);
}

int
names_start(struct daemon *daemon, struct err *err)
{
	struct names *names = calloc(1, sizeof *names);
	const struct rpc_client_options options = {
	    .calls_max = CALLS_PER_SANDBOX * daemon->settings.max_sandboxes +
		1, .queue_bytes_max = QUEUE_BYTES_MAX, .event = on_asked,
	    .ended = on_hangup, .arg = names};
	int r;

	if (names == NULL)
		return err_set(err, ENOMEM, "no memory for names");
	names->daemon = daemon;
	names->retry.fire = connect_now;
	names->retry.data = names;
	r = rpc_watch_init(&names->link, daemon->event, &options, err);
	if (r < 0) {
		free(names);
		return r;
	}
	daemon->names = names;
	connect_now(names);
	return 0;
}

void
names_end(struct daemon *daemon)
{
	struct names *names = daemon->names;

	if (names == NULL)
		return;
	daemon->names = NULL;
	for (size_t i = 0; i < daemon->sandboxes.n; i++)
		names_door_close(&daemon->sandboxes.sorted[i]->names.door);
	clock_disarm(&daemon->clock, &names->retry);
	rpc_watch_fini(&names->link);
	free(names);
}

int
names_look_up(struct daemon *daemon, const char *id, const char *name,
    rpc_client_done *done, void *arg, struct err *err)
{
	struct names *names = daemon->names;
	const struct rpc_names_look_up_req request = {id, name};

	if (names == NULL || !names->is_begun)
		return err_set(err, EAGAIN, "gateway-resolver is not there: "
		    "names are not answered now");
	return rpc_client_call(names->link.client, &(struct rpc_client_call){
	    .row = &rpc_call_names_look_up, .request = &request,
	    .deadline_ms = clock_monotonic_ms() + LOOK_UP_TIMEOUT_MS,
	    .done = done, .arg = arg}, NULL, err);
}
