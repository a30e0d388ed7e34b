// SPDX-License-Identifier: Apache-2.0
/*
 * What answers to gateway-http are made of. Each api_*.c answers the calls
 * about one noun of broker.def; api.c finds the answer to a message.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "gateway/broker/api/identity.h"
#include "gateway/broker/broker.h"
#include "gateway/protocol/broker_calls.h"

#define API_RECORD_SIZE 1024

/* One call being answered; the request points into the message. */
struct api_context {
	struct broker *broker;
	const struct rpc_call *call;
	struct rpc_message *message;
	const void *request; /* its struct, for those who list */
	struct api_identity who; /* once identified */
	struct err err;
};

/* Room for a single record, in the caller's storage. */
struct api_record {
	uint8_t bytes[API_RECORD_SIZE];
	struct rpc_list list;
};

/* Sends the reply struct of the call's row. 0. */
int api_reply(const struct api_context *context, const void *data);

/*
 * Fills context->who from the number that nearly every request begins with;
 * -EACCES as api_identity_find.
 */
int api_identify(struct api_context *context, uint64_t number);

/* The same, and -EACCES where they may not do this, which is about no sandbox:
 * what is missing is said. */
int api_permit(struct api_context *context, uint64_t number,
    enum action action);

/* The same for what will be somebody's: the operator has to say whose, and a
 * token for one sandbox has nothing beside that. */
int api_permit_own(struct api_context *context, uint64_t number,
    enum action action);

/* A line of the audit log about this identity; a NULL value is left out. */
void api_audit(const struct api_context *context, const char *event,
    const char *key, const char *value);

/* The same with a second pair. */
void api_audit_two(const struct api_context *context, const char *event,
    const char *key, const char *value, const char *key2, const char *value2);

/*
 * Ends a call that removed what has this number, which `key` stands for in the
 * audit log; its reply has no fields.
 */
int api_removed(const struct api_context *context, const char *event,
    const char *key, uint64_t id);

/* Makes *record empty. */
void api_record_init(struct api_record *record);

/* Fills *ret with what `list` adds to it, where the identity may do `action`;
 * to be freed whatever is returned. */
int api_list(struct api_context *context, uint64_t identity,
    enum action action,
    int (*list)(struct api_context *context, struct rpc_list *records),
    struct rpc_list *ret);
void api_list_free(struct rpc_list *list);

#define auto_api_list __attribute__((cleanup(api_list_free)))

/* The host keys as clients are told them; lives as long as the broker. */
struct rpc_strv api_host_keys(const struct broker *broker);
