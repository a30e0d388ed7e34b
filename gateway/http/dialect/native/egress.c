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

static void
on_got(void *arg, const struct rpc_egress_get_rep *reply,
    const struct err *err)
{
	struct native_egress policy;
	struct err failure = {0};

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	if (egress_list_read(reply->policy, &policy) < 0) {
		err_set(&failure, ENOMEM, "out of memory");
		exchange_fail_err(arg, &failure);
	} else {
		policy.is_own = reply->is_own;
		exchange_reply(arg, 200, field_print(&native_egress,
		    &policy));
	}
	field_fini(&native_egress, &policy);
}

void
native_get_egress(struct exchange *exchange)
{
	egress_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
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
    {"host", FIELD_STRING, WISH(host), 1, HOST_MAX_BYTES, "an address",
	"an address such as 192.0.2.1"},
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
	"of what is refused to all", .is_nullable = true},
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

static int
read_check(const struct check_wish *wish, struct prefix *address,
    struct rpc_egress_check_req *ret, struct failure *failure)
{
	const char *protocol = wish->protocol != NULL ? wish->protocol :
	    "tcp";

	if (prefix_parse(wish->host, address) < 0 || address->length !=
	    (address->family == AF_INET ? 32u : 128u))
		return failure_of_field(failure, "host", "\"%.60s\" is not an "
		    "address; names are not enforced here", wish->host);
	ret->protocol = egress_protocol_parse(protocol);
	if (ret->protocol == 0)
		return failure_of_field(failure, "protocol",
		    "must be tcp, udp or icmp");
	ret->address = (struct rpc_bytes){address->address,
	    address->family == AF_INET ? 4 : 16};
	ret->port = wish->port;
	return 0;
}

void
native_check_egress(struct exchange *exchange)
{
	struct rpc_egress_check_req request = {0};
	struct failure failure;
	struct prefix address;

	if (read_check(exchange_input(exchange), &address, &request,
	    &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		egress_check(exchange_who(exchange),
		    exchange_param(exchange, "id"), &request, on_checked,
		    exchange);
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
