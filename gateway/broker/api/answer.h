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
	struct api_identity who; /* once identified */
	struct err err;
};

/* A list or a record being encoded. */
struct api_records {
	uint8_t *data;
	size_t size, used;
	uint32_t count;
};

/* Room for a single record, in the caller's storage. */
struct api_record {
	uint8_t bytes[API_RECORD_SIZE];
	struct api_records records;
};

/* Sends the reply struct of the call's row. 0. */
int api_reply(const struct api_context *context, const void *data);

/*
 * Fills context->who from the number that nearly every request begins with;
 * -EACCES as api_identity_find.
 */
int api_identify(struct api_context *context, uint64_t number);

/* A line of the audit log about this identity; a NULL value is left out. */
void api_audit(const struct api_context *context, const char *event,
    const char *key, const char *value);

/*
 * Ends a call that removed what has this number, which `key` stands for in the
 * audit log; its reply has no fields.
 */
int api_removed(const struct api_context *context, const char *event,
    const char *key, uint64_t id);

/* Encodes one more record. 0, or -EMSGSIZE where there is no room. */
int api_put(struct api_records *records, const struct rpc_layout *layout,
    const void *record);

/* Makes *record empty. */
void api_record_init(struct api_record *record);

/* What was encoded, as a field of a reply; lives as long as the records. */
struct rpc_bytes api_bytes(const struct api_records *records);

/*
 * Answers a call whose request begins with an identity and whose reply is
 * {count, records}: `list` encodes what the identity may see.
 */
int api_list(struct api_context *context, uint64_t identity,
    int (*list)(struct api_context *context, struct api_records *records));

/* The host keys as clients are told them; lives as long as the broker. */
struct rpc_strv api_host_keys(const struct broker *broker);
