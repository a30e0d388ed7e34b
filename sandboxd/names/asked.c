// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/names/asked.h"

#include <errno.h>
#include <string.h>

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/names/refused.h"
#include "sandboxd/names/unresolved.h"
#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/names.h"
#include "sandboxd/net/look_sockets.h"
#include "sandboxd/net/name_sockets.h"
#include "sandboxd/recipe/init_process.h"

/* How long a name leads somewhere: a record that lasts a moment still has to
 * outlast the connect that follows; one that lasts a month is asked again. */
#define TTL_MIN_S 60u
#define TTL_MAX_S 86400u

/* An answer as it was checked. */
struct found {
	uint32_t marks[NAMES_MARKS_MAX];
	size_t n_marks;
	struct prefix entered[NAMES_ANSWER_MAX];
	size_t n_entered;
	uint64_t told;
};

static int
dial(struct daemon *daemon, int fd, const struct rpc_message *message,
    struct err *err)
{
	static const struct rpc_names_dial_rep reply;
	const struct egress_host *host = &daemon->runtime.egress;
	struct rpc_names_dial_req request;
	auto_close int dialled_fd = -1;
	int r = rpc_open_request(&rpc_call_names_dial, message, &request);

	if (r < 0)
		return r;
	if (request.upstream >= host->n_resolvers)
		return err_set(err, ENOENT, "no such upstream");
	if ((r = name_sockets_dial(&host->resolvers[request.upstream],
	    request.is_tcp != 0, egress_resolver_mark(host), &dialled_fd,
	    err)) < 0)
		return r;
	(void)rpc_send_reply(fd, &rpc_call_names_dial, message->header.id,
	    &reply, &dialled_fd, 1, MSG_DONTWAIT);
	return 0;
}

/* Of the domains that the sandbox's policy has, and no others. */
static int
read_marks(const struct sandbox *sandbox,
    const struct rpc_names_found_req *request, struct found *ret,
    struct err *err)
{
	const struct sandbox_names *names = &sandbox->names;

	for (size_t at = 0; at < request->domains.size;
	    at += sizeof(uint16_t)) {
		uint16_t domain;

		if (at + sizeof domain > request->domains.size ||
		    ret->n_marks == NAMES_MARKS_MAX)
			return err_set(err, EINVAL, "domains");
		memcpy(&domain, request->domains.data + at, sizeof domain);
		if (domain >= names->n_marks)
			return err_set(err, EINVAL, "no such domain");
		ret->marks[ret->n_marks++] = names->marks[domain];
	}
	return 0;
}

static int
read_addresses(const struct egress_host *host,
    const struct rpc_names_found_req *request, struct found *ret,
    struct err *err)
{
	if ((request->size != 4 && request->size != 16) ||
	    request->addresses.size % request->size != 0 ||
	    request->addresses.size / request->size > NAMES_ANSWER_MAX)
		return err_set(err, EINVAL, "addresses");
	for (size_t i = 0; i < request->addresses.size / request->size; i++) {
		struct prefix address = {.family = request->size == 4 ?
		    AF_INET : AF_INET6, .length = request->size * 8};

		memcpy(address.address, request->addresses.data +
		    i * request->size, request->size);
		if (always_refuses(host, &address, false, -1) != NULL)
			continue;
		ret->told |= (uint64_t)1 << i;
		if (always_is_public(host, &address))
			ret->entered[ret->n_entered++] = address;
	}
	return 0;
}

/* One of this life of the sandbox's. */
static int
open_door(struct sandbox *sandbox, struct err *err)
{
	auto_close int netns_fd = -1;
	int r;

	if (sandbox->names.door != NULL)
		return 0;
	r = process_open_network(sandbox->record.pid, sandbox->pid_fd,
	    &netns_fd, err);
	return r < 0 ? r : names_door_open(netns_fd, &sandbox->names.door,
	    err);
}

static int
enter(struct sandbox *sandbox, const struct found *found, uint32_t ttl_s,
    struct err *err)
{
	int r;

	if (found->n_marks == 0 || found->n_entered == 0)
		return 0;
	if (ttl_s < TTL_MIN_S)
		ttl_s = TTL_MIN_S;
	if (ttl_s > TTL_MAX_S)
		ttl_s = TTL_MAX_S;
	if ((r = open_door(sandbox, err)) < 0)
		return r;
	r = names_enter(&sandbox->daemon->runtime.egress, sandbox->names.door,
	    found->marks, found->n_marks, found->entered, found->n_entered,
	    ttl_s * 1000ull, err);
	if (r < 0)
		names_door_close(&sandbox->names.door);
	return r;
}

/* The sandbox of a policy that is the one it has now, and in force. */
static struct sandbox *
find_asker(struct daemon *daemon, const char *id, uint32_t serial,
    struct err *err)
{
	struct sandbox *sandbox = sandbox_find(&daemon->sandboxes, id);

	if (sandbox == NULL || sandbox->names.serial == 0 ||
	    sandbox->names.serial != serial ||
	    sandbox->record.pid != sandbox->names.pid) {
		err_set(err, ESTALE, "another policy, or none");
		return NULL;
	}
	/* A worker is at its table. */
	if (sandbox->egress.is_applying) {
		err_set(err, EBUSY, "the policy is being changed");
		return NULL;
	}
	return sandbox;
}

static int
find(struct daemon *daemon, int fd, const struct rpc_message *message,
    struct err *err)
{
	struct rpc_names_found_req request;
	struct rpc_names_found_rep reply;
	struct found found = {0};
	struct sandbox *sandbox;
	int r = rpc_open_request(&rpc_call_names_found, message, &request);

	if (r < 0)
		return r;
	if ((sandbox = find_asker(daemon, request.id, request.serial,
	    err)) == NULL)
		return -err->code;
	if ((r = read_marks(sandbox, &request, &found, err)) < 0 ||
	    (r = read_addresses(&daemon->runtime.egress, &request, &found,
	    err)) < 0 || (r = enter(sandbox, &found, request.ttl_s,
	    err)) < 0)
		return r;
	reply.told = found.told;
	(void)rpc_send_reply(fd, &rpc_call_names_found, message->header.id,
	    &reply, NULL, 0, MSG_DONTWAIT);
	return 0;
}

/* Of its domains those that connections are looked at for. */
static int
read_looked(const struct sandbox *sandbox, struct rpc_bytes domains,
    uint32_t marks[NAMES_MARKS_MAX], size_t *ret_n, struct err *err)
{
	*ret_n = 0;
	for (size_t at = 0; at < domains.size; at += sizeof(uint16_t)) {
		uint16_t domain;

		if (at + sizeof domain > domains.size ||
		    *ret_n == NAMES_MARKS_MAX)
			return err_set(err, EINVAL, "domains");
		memcpy(&domain, domains.data + at, sizeof domain);
		if (domain >= sandbox->names.n_marks ||
		    sandbox->names.looks[domain] == 0)
			return err_set(err, EINVAL, "no such domain");
		marks[(*ret_n)++] = sandbox->names.marks[domain];
	}
	return *ret_n > 0 ? 0 : err_set(err, EINVAL, "no domain");
}

static int
find_holder(struct sandbox *sandbox, const uint32_t *marks, size_t n,
    const struct prefix *to, size_t *ret, struct err *err)
{
	int r = open_door(sandbox, err);

	if (r < 0)
		return r;
	r = names_holder(&sandbox->daemon->runtime.egress,
	    sandbox->names.door, marks, n, to, ret, err);
	if (r < 0 && r != -EACCES)
		names_door_close(&sandbox->names.door);
	return r;
}

/* The table of the sandbox lets that socket's packets out where the address is
 * the name's and the port the rule's; that the name led there is looked up so
 * that the right mark is given. */
static int
reach(struct daemon *daemon, int fd, const struct rpc_message *message,
    struct err *err)
{
	static const struct rpc_names_reach_rep reply;
	struct rpc_names_reach_req request;
	uint32_t marks[NAMES_MARKS_MAX];
	auto_close int netns_fd = -1, dialled_fd = -1;
	struct sandbox *sandbox;
	struct prefix to = {0};
	size_t n, holder = 0;
	int fds[2];
	int r = rpc_open_request(&rpc_call_names_reach, message, &request);

	if (r < 0)
		return r;
	if ((sandbox = find_asker(daemon, request.id, request.serial,
	    err)) == NULL)
		return -err->code;
	if ((request.address.size != 4 && request.address.size != 16) ||
	    request.port > UINT16_MAX)
		return err_set(err, EINVAL, "address");
	to.family = request.address.size == 4 ? AF_INET : AF_INET6;
	to.length = request.address.size * 8;
	memcpy(to.address, request.address.data, request.address.size);
	if ((r = read_looked(sandbox, request.domains, marks, &n, err)) < 0 ||
	    (r = process_open_network(sandbox->record.pid, sandbox->pid_fd,
	    &netns_fd, err)) < 0 ||
	    (r = find_holder(sandbox, marks, n, &to, &holder, err)) < 0 ||
	    (r = look_sockets_dial(netns_fd, &to, (uint16_t)request.port,
	    marks[holder], &dialled_fd, err)) < 0)
		return r;
	fds[0] = dialled_fd;
	fds[1] = sandbox->pid_fd;
	(void)rpc_send_reply(fd, &rpc_call_names_reach, message->header.id,
	    &reply, fds, 2, MSG_DONTWAIT);
	return 0;
}

int
names_asked(struct daemon *daemon, int fd, const struct rpc_message *message)
{
	struct err err = {0};
	int r = -EBADMSG;

	if (message->header.number == rpc_call_names_dial.number)
		r = dial(daemon, fd, message, &err);
	else if (message->header.number == rpc_call_names_found.number)
		r = find(daemon, fd, message, &err);
	else if (message->header.number == rpc_call_names_reach.number)
		r = reach(daemon, fd, message, &err);
	else if (message->header.number == rpc_call_names_refused.number)
		return names_refused(daemon, message);
	else if (message->header.number == rpc_call_names_unresolved.number)
		return names_unresolved(daemon, message);
	if (r < 0 && err.code == 0) {
		log_warn("gateway-resolver: a message that is none of its own");
		return r;
	}
	/* It asks again, or its asker does. */
	if (r < 0)
		(void)rpc_send_error(fd, message->header.number,
		    message->header.id, &err, MSG_DONTWAIT);
	return 0;
}
