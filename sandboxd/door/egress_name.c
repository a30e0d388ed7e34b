// SPDX-License-Identifier: Apache-2.0
/* egress_check_name: answered once the resolver has said where a name leads. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "sandboxd/door/calls.h"
#include "sandboxd/door/egress.h"
#include "sandboxd/names/names.h"
#include "sandboxd/net/egress/always.h"

#define RCODE_NO_NAME 3
#define WHY_SIZE      128
#define NAMES	      "names"

/* Who asked, and what; the peer is kept until it is answered. */
struct asking {
	struct peer *peer;
	uint32_t id;
	char sandbox_id[SANDBOX_ID_SIZE];
	char name[EGRESS_DOMAIN_SIZE];
	uint32_t protocol;
	uint16_t port;
};

static uint8_t
number_of(uint32_t protocol, bool is_ipv4)
{
	if (protocol == EGRESS_TCP)
		return IPPROTO_TCP;
	if (protocol == EGRESS_UDP)
		return IPPROTO_UDP;
	return is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
}

/* Decides about the addresses of one family; false once one is refused. */
static bool
decide(const struct asking *asking, const struct egress_view *view,
    struct rpc_bytes addresses, size_t size, char why[WHY_SIZE],
    struct rpc_egress_check_rep *ret)
{
	const struct egress_host *host = &asking->peer->daemon->runtime.egress;

	for (size_t at = 0; at + size <= addresses.size; at += size) {
		struct policy_packet packet = {.name = asking->name,
		    .to = {.family = size == 4 ? AF_INET : AF_INET6,
			.length = (unsigned)size * 8},
		    .protocol = number_of(asking->protocol, size == 4),
		    .port = asking->port};
		struct rpc_egress_check_rep one = {.why = ""};
		char text[PREFIX_TEXT_SIZE];

		memcpy(packet.to.address, addresses.data + at, size);
		egress_decide(host, view, &packet, &one);
		if (one.is_allowed && ret->is_allowed)
			continue;
		*ret = one;
		prefix_format(&packet.to, text);
		snprintf(why, WHY_SIZE, "it leads to %s%s%s", text,
		    *one.why != '\0' ? ", " : "", one.why);
		ret->why = why;
		if (!one.is_allowed)
			return false;
	}
	return true;
}

static void
answer(const struct asking *asking, const struct egress_view *view,
    const struct rpc_names_look_up_rep *found)
{
	struct rpc_egress_check_rep reply = {.rule = NAMES, .why = ""};
	char why[WHY_SIZE] = "";

	if (decide(asking, view, found->ipv4, 4, why, &reply))
		(void)decide(asking, view, found->ipv6, 16, why, &reply);
	if (*why == '\0')
		reply.why = found->rcode == RCODE_NO_NAME ?
		    "there is no such name for it" : "it leads nowhere";
	peer_reply(asking->peer, &rpc_call_egress_check_name, asking->id,
	    &reply, NULL, 0);
}

static void
on_looked_up(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct asking *asking = arg;
	struct egress_view view = {0};
	const struct sandbox *sandbox;
	struct err err = {0};

	(void)message;
	if (reply == NULL)
		err = *failure;
	else if ((sandbox = calls_find(asking->peer, asking->sandbox_id,
	    &err)) != NULL)
		(void)egress_view_read(sandbox, &view, &err);
	if (view.policy != NULL)
		answer(asking, &view, reply);
	else
		peer_error(asking->peer, &rpc_call_egress_check_name,
		    asking->id, &err);
	egress_view_free(&view);
	peer_unref(asking->peer);
}

static int
look_up(struct peer *peer, uint32_t id, const struct sandbox *sandbox,
    const struct rpc_egress_check_name_req *request, const char *as,
    struct err *err)
{
	struct asking *asking = calloc(1, sizeof *asking);
	int r;

	if (asking == NULL)
		return err_set(err, ENOMEM, "no memory");
	*asking = (struct asking){.peer = peer, .id = id,
	    .protocol = request->protocol, .port = (uint16_t)request->port};
	memcpy(asking->sandbox_id, sandbox->record.id, SANDBOX_ID_SIZE);
	if (egress_domain_read(request->name, asking->name) != NULL ||
	    asking->name[0] == '*')
		r = err_set(err, EINVAL, "host: not a name");
	else
		r = names_look_up(peer->daemon, as, asking->name,
		    on_looked_up, asking, err);
	if (r < 0)
		free(asking);
	else
		peer_ref(peer);
	return r;
}

/* Whom it asks: the resolver that is for it, or any; or nobody. */
static int
ask(struct peer *peer, uint32_t id, const struct sandbox *sandbox,
    const struct rpc_egress_check_name_req *request,
    const struct egress_view *view, struct err *err)
{
	const struct egress_host *host = &peer->daemon->runtime.egress;
	const struct rpc_egress_check_rep reply = {.rule = NAMES,
	    .why = "it may ask no resolver"};

	if (policy_has_names(view->policy) || (view->ceiling != NULL &&
	    policy_has_names(view->ceiling)))
		return sandbox->names.serial != 0 ? look_up(peer, id, sandbox,
		    request, sandbox->record.id, err) : err_set(err, EAGAIN,
		    "%s has no processes that could ask", sandbox->record.id);
	if (policy_both_open(view->policy, view->ceiling, host))
		return look_up(peer, id, sandbox, request, "", err);
	peer_reply(peer, &rpc_call_egress_check_name, id, &reply, NULL, 0);
	return 0;
}

int
answer_egress_check_name(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_egress_check_name_req *request = data;
	const struct sandbox *sandbox = calls_find(peer, request->id, err);
	struct egress_view view = {0};
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	if (request->port > UINT16_MAX)
		return err_set(err, EINVAL, "port: from 0 to 65535");
	if (request->protocol != EGRESS_TCP &&
	    request->protocol != EGRESS_UDP && request->protocol != EGRESS_ICMP)
		return err_set(err, EINVAL, "protocol: tcp, udp or icmp");
	if ((r = egress_view_read(sandbox, &view, err)) < 0)
		return r;
	r = ask(peer, id, sandbox, request, &view, err);
	egress_view_free(&view);
	return r;
}
