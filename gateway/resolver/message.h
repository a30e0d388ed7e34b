// SPDX-License-Identifier: Apache-2.0
/*
 * Messages of the DNS (RFC 1035): what a sandbox asks, what is asked for it,
 * what came back, and what of that it is told. ldns takes them apart and puts
 * them together; nothing here knows a socket or a clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/egress.h"

/* Largest message over TCP; and what is asked for over UDP, so that no answer
 * is fragmented (RFC 9715). */
#define MESSAGE_MAX	65535
#define MESSAGE_UDP_MAX 1232
#define MESSAGE_UDP_MIN 512

/* A question is a name and little else. */
#define MESSAGE_QUESTION_MAX 1024

/* Addresses of one name and family that a sandbox is told of. */
#define MESSAGE_ADDRESSES_MAX 64

#define MESSAGE_NAME_MAX 255

struct question {
	uint16_t id, type, class;
	bool is_recursive; /* RD, which the answer repeats */
	bool has_edns;
	uint16_t room; /* what an answer over UDP may have */
	uint8_t wire[MESSAGE_NAME_MAX]; /* the name as it was asked */
	size_t wire_size;
	/* The same as egress_domain_read has it; "" for a name that no host
	 * has, such as one with a dot inside a label. */
	char name[EGRESS_DOMAIN_SIZE];
};

struct ldns_struct_pkt;

/* What came back for a question. */
struct answer {
	struct ldns_struct_pkt *packet; /* owned */
	bool is_truncated; /* there is more by TCP */
	/* Of the question's own type, which is A or AAAA, and at the end of
	 * its chain of aliases; `size` bytes each. */
	uint8_t addresses[MESSAGE_ADDRESSES_MAX][16];
	size_t n_addresses, size;
	uint32_t ttl_s; /* the shortest of the chain's */
};

enum message_verdict {
	MESSAGE_GOOD,
	MESSAGE_IGNORED, /* no question at all: nothing is answered */
	MESSAGE_REFUSED, /* *ret_rcode says so to whoever asked */
};

/* Response codes that we give by ourselves (RFC 1035 section 4.1.1). */
#define MESSAGE_TYPE_A	  1
#define MESSAGE_TYPE_AAAA 28

enum message_rcode {
	MESSAGE_OK = 0,
	MESSAGE_FORMAT_ERROR = 1,
	MESSAGE_SERVER_FAILURE = 2,
	MESSAGE_NO_NAME = 3,
	MESSAGE_NOT_IMPLEMENTED = 4,
	MESSAGE_NOT_ALLOWED = 5,
};

/* Takes a question apart. *ret is whole for MESSAGE_GOOD, and for
 * MESSAGE_REFUSED as much of it as message_write_refusal wants. */
enum message_verdict message_read_question(const uint8_t *data, size_t size,
    struct question *ret, enum message_rcode *ret_rcode);

/* The question for a name, as egress_domain_read has it; 0 or -EINVAL. */
int message_make_question(const char *name, uint16_t type,
    struct question *ret);

/* Whether the type is one that leads to an address by itself, past what is
 * allowed by name: SVCB and HTTPS (RFC 9460). */
bool message_is_shortcut(uint16_t type);

/* Whether the type asks for no records of one kind, but for whole zones or for
 * everything, or is none of a question. */
bool message_is_greedy(uint16_t type);

/* The question as we ask it, with an id of ours. The bytes, or 0: no memory. */
size_t message_write_question(const struct question *question, uint16_t id,
    uint8_t *buffer, size_t size);

/*
 * Takes apart what came back for it. 0, and *ret is to be freed with
 * answer_fini; -EBADMSG: it is not an answer to this question and id.
 */
int message_read_answer(const uint8_t *data, size_t size,
    const struct question *question, uint16_t id, struct answer *ret);
void answer_fini(struct answer *answer);

/*
 * What the sandbox is told: the chain, the records of its type but for
 * addresses whose bit is not in `told`, and where there are none who says so.
 * What is larger than `size` is told to be truncated. The bytes, or 0.
 */
size_t message_write_answer(const struct question *question,
    const struct answer *answer, uint64_t told, uint8_t *buffer, size_t size);

/* An answer without records. The bytes, or 0. */
size_t message_write_refusal(const struct question *question,
    enum message_rcode rcode, uint8_t *buffer, size_t size);
