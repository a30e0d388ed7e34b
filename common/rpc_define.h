// SPDX-License-Identifier: Apache-2.0
/*
 * Defines what rpc_declare.h declares, for the table named by RPC_TABLE; for
 * one .c file a table. No include guard: once for each table.
 */

/* The sentinel keeps the array of an empty struct legal; it is not counted. */
#define RPC_STRUCT_BEGIN(name)                                                 \
	static const struct rpc_field rpc_fields_##name[] = {
#define RPC_FIELD(name, type, field, max)                                      \
	{#field, RPC_##type, max, offsetof(struct rpc_##name, field), NULL,    \
	    false},
#define RPC_LIST(name, field, record, max)                                     \
	{#field, RPC_LIST, max, offsetof(struct rpc_##name, field),            \
	    &rpc_layout_##record, false},
/* A list that a struct which is kept, or is a record of one, got afterwards: it
 * is not there where it is empty. What follows it has another type on the wire,
 * and so has what a list of such structs goes on with. */
#define RPC_LIST_LATER(name, field, record, max)                               \
	{#field, RPC_LIST, max, offsetof(struct rpc_##name, field),            \
	    &rpc_layout_##record, true},
#define RPC_STRUCT_END(name)                                                   \
	{NULL, RPC_U32, 0, 0, NULL, false}                                     \
	}                                                                      \
	;                                                                      \
	_Static_assert(sizeof(struct rpc_##name) <= sizeof(union rpc_any),     \
	    "rpc_any holds every struct");                                     \
	const struct rpc_layout rpc_layout_##name = {#name,                    \
	    sizeof(struct rpc_##name),                                         \
	    sizeof rpc_fields_##name / sizeof *rpc_fields_##name - 1,          \
	    rpc_fields_##name};
#include RPC_TABLE
#undef RPC_LIST_LATER /* which few tables know of */

#define RPC_CALL(number, name, ...)                                            \
	RPC_CALL_AS(number, name, name##_req, name##_rep, __VA_ARGS__)
#define RPC_CALL_AS(number, name, request_struct, reply_struct, who, rights,   \
    request_fds, reply_fds, max_bytes)                                         \
	const struct rpc_call rpc_call_##name = {number, #name,                \
	    RPC_KIND_REQUEST, who, rights, request_fds, reply_fds, max_bytes,  \
	    &rpc_layout_##request_struct, &rpc_layout_##reply_struct};         \
	int rpc_##name(int sock, const struct rpc_##request_struct *request,   \
	    struct rpc_##reply_struct *ret_reply,                              \
	    struct rpc_message *ret_message, struct err *err)                  \
	{                                                                      \
		return rpc_call(sock, &rpc_call_##name, request, NULL, 0,      \
		    ret_reply, ret_message, err);                              \
	}
#define RPC_EVENT(number, name, who, rights, max_bytes)                        \
	const struct rpc_call rpc_call_##name = {number, #name,                \
	    RPC_KIND_EVENT, who, rights, 0, 0, max_bytes,                      \
	    &rpc_layout_##name##_event, NULL};
#define RPC_EVENT_FD(number, name, who, rights, max_bytes)                     \
	const struct rpc_call rpc_call_##name = {number, #name,                \
	    RPC_KIND_EVENT, who, rights, 1, 0, max_bytes,                      \
	    &rpc_layout_##name##_event, NULL};
#include RPC_TABLE
#undef RPC_EVENT_FD /* which few tables know of */
#undef RPC_TABLE
