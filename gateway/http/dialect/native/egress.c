// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>

#include "common/egress.h"
#include "common/fd.h"
#include "common/prefix.h"
#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/egress.h"

#define HOST_MAX_BYTES 253
#define PORT_MAX       65535

void
native_egress_got(void *arg, const struct rpc_egress_get_rep *reply,
    const struct err *err)
{
	struct native_egress_view view;
	struct native_egress policy;
	struct field_objects totals = {0};
	struct err failure = {0};

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	if (egress_list_read(reply->policy, &policy) < 0 ||
	    egress_limits_read(reply->totals, &totals) < 0) {
		err_set(&failure, ENOMEM, "out of memory");
		exchange_fail_err(arg, &failure);
	} else {
		policy.is_own = reply->is_own;
		view = egress_view_of(&policy);
		view.totals = totals;
		exchange_reply(arg, 200, field_print(&native_egress_view,
		    &view));
	}
	free((void *)(uintptr_t)totals.items);
	field_fini(&native_egress, &policy);
}

void
native_get_egress(struct exchange *exchange)
{
	egress_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    native_egress_got, exchange);
}

/* What it is now is what was asked for, as sandboxd reads it. */
static void
on_set(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		native_get_egress(arg);
}

void
native_set_egress(struct exchange *exchange)
{
	struct rpc_bytes list = {0};
	struct failure failure;

	if (egress_wish_make(exchange_input(exchange), "", &list,
	    &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		egress_set(exchange_who(exchange),
		    exchange_param(exchange, "id"), list, on_set, exchange);
	free((void *)(uintptr_t)list.data);
}

void
native_reset_egress(struct exchange *exchange)
{
	egress_set(exchange_who(exchange), exchange_param(exchange, "id"),
	    (struct rpc_bytes){0}, exchange_done, exchange);
}

struct check_wish {
	const char *host, *protocol;
	uint32_t port;
};
#define WISH(field) offsetof(struct check_wish, field)
static const struct field check_wish_fields[] = {
    {"host", FIELD_STRING, WISH(host), 1, HOST_MAX_BYTES, "an address "
	"or a name", "an address such as 192.0.2.1, or a name"},
    {"port", FIELD_U32, WISH(port), 0, PORT_MAX, "of tcp or udp"},
    {"protocol", FIELD_STRING, WISH(protocol), 0, 8,
	"tcp (where left out), udp or icmp"},
};
FIELD_TABLE(native_egress_check_wish, struct check_wish, check_wish_fields);

#define CHECK(field) offsetof(struct rpc_egress_check_rep, field)
static const struct field check_fields[] = {
    {"allowed", FIELD_BOOLEAN, CHECK(is_allowed), .text =
	"whether it would be let out"},
    {"rule", FIELD_STRING, CHECK(rule), .text =
	"what decides: a rule's name or number, default, or always"},
    {"why", FIELD_STRING, CHECK(why), .text =
	"of what is refused to all, and of a name where it leads",
	.is_nullable = true},
};
FIELD_TABLE(native_egress_check, struct rpc_egress_check_rep, check_fields);

static void
on_checked(void *arg, const struct rpc_egress_check_rep *reply,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, field_print(&native_egress_check,
		    reply));
}

/* Of either kind of host. */
static int
read_check(const struct check_wish *wish, uint32_t *ret_protocol,
    struct failure *failure)
{
	*ret_protocol = egress_protocol_parse(wish->protocol != NULL ?
	    wish->protocol : "tcp");
	return (*ret_protocol & EGRESS_PACKETS) != 0 ? 0 :
	    failure_of_field(failure, "protocol", "must be tcp, udp or icmp");
}

static bool
is_address(const char *host, struct prefix *ret)
{
	return prefix_parse(host, ret) == 0 && ret->length ==
	    (ret->family == AF_INET ? 32u : 128u);
}

static void
check_address(struct exchange *exchange, const struct check_wish *wish,
    const struct prefix *address, uint32_t protocol)
{
	struct rpc_egress_check_req request = {.protocol = protocol,
	    .port = wish->port, .address = {address->address,
		address->family == AF_INET ? 4 : 16}};

	egress_check(exchange_who(exchange), exchange_param(exchange, "id"),
	    &request, on_checked, exchange);
}

void
native_check_egress(struct exchange *exchange)
{
	const struct check_wish *wish = exchange_input(exchange);
	struct rpc_egress_check_name_req request = {.port = wish->port};
	char name[EGRESS_DOMAIN_SIZE];
	struct failure failure;
	struct prefix address;
	uint32_t protocol;
	int r = read_check(wish, &protocol, &failure);

	if (r == 0 && is_address(wish->host, &address)) {
		check_address(exchange, wish, &address, protocol);
		return;
	}
	if (r == 0 && (egress_domain_read(wish->host, name) != NULL ||
	    *name == '*'))
		r = failure_of_field(&failure, "host", "\"%.60s\" is neither "
		    "an address nor a name", wish->host);
	if (r < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	request.name = name;
	request.protocol = protocol;
	egress_check_name(exchange_who(exchange),
	    exchange_param(exchange, "id"), &request, on_checked, exchange);
}

#define COUNT(field) offsetof(struct rpc_egress_count, field)
static const struct field count_fields[] = {
    {"rule", FIELD_STRING, COUNT(rule), .text =
	"its name or number, or default"},
    {"packets", FIELD_U64, COUNT(packets), .text =
	"that it decided, of those the sandbox sent"},
    {"bytes", FIELD_U64, COUNT(bytes), .text = "in them, headers and all"},
};
FIELD_TABLE(native_egress_count, struct rpc_egress_count, count_fields);

static void
on_counts(void *arg, const struct rpc_egress_counts_rep *reply,
    const struct err *err)
{
	struct rpc_egress_count count;
	struct rpc_bytes counts;
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	counts = reply->counts;
	while (rpc_list_next(&rpc_layout_egress_count, &counts, &count))
		(void)json_array_append_new(list, field_print(
		    &native_egress_count, &count));
	exchange_reply(arg, 200, json_pack("{s:o}", "counts", list));
}

void
native_count_egress(struct exchange *exchange)
{
	egress_counts(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_counts, exchange);
}
