// SPDX-License-Identifier: Apache-2.0
/*
 * Declares the calls of the table named by RPC_TABLE: for every RPC_STRUCT a
 * struct rpc_NAME and its rpc_layout_NAME; for every call or event a row
 * rpc_call_NAME; and for every call a blocking stub rpc_NAME(), which is
 * rpc_call() with the types right. No include guard: once for each table.
 */
#include "common/rpc.h"

#define RPC_C_U32   uint32_t
#define RPC_C_U64   uint64_t
#define RPC_C_I32   int32_t
#define RPC_C_STR   const char *
#define RPC_C_BYTES struct rpc_bytes
#define RPC_C_STRV  struct rpc_strv

#define RPC_STRUCT_BEGIN(name) struct rpc_##name {
#define RPC_FIELD(name, type, field, max) RPC_C_##type field;
#define RPC_LIST(name, field, record, max) struct rpc_bytes field;
#define RPC_LIST_LATER(name, field, record, max) struct rpc_bytes field;
#define RPC_STRUCT_END(name)                                                   \
	}                                                                      \
	;                                                                      \
	extern const struct rpc_layout rpc_layout_##name;
#include RPC_TABLE
#undef RPC_LIST_LATER /* which few tables know of */

#define RPC_CALL(number, name, ...)                                            \
	RPC_CALL_AS(number, name, name##_req, name##_rep, __VA_ARGS__)
#define RPC_CALL_AS(number, name, request_struct, reply_struct, ...)           \
	extern const struct rpc_call rpc_call_##name;                          \
	int rpc_##name(int sock, const struct rpc_##request_struct *request,   \
	    struct rpc_##reply_struct *ret_reply,                              \
	    struct rpc_message *ret_message, struct err *err);
#define RPC_EVENT(number, name, ...)                                           \
	extern const struct rpc_call rpc_call_##name;
#include RPC_TABLE

#undef RPC_C_U32
#undef RPC_C_U64
#undef RPC_C_I32
#undef RPC_C_STR
#undef RPC_C_BYTES
#undef RPC_C_STRV
#undef RPC_TABLE
