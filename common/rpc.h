// SPDX-License-Identifier: Apache-2.0
/*
 * Remote calls between local processes over SOCK_SEQPACKET sockets: one
 * datagram a message, a fixed header, then the fields of one struct in their
 * order. The tables in *.def name every call; docs/PROTOCOL.md explains them.
 *
 * Decoding copies nothing: strings and byte ranges of a decoded struct point
 * into the message they came in and live as long as it does. Every length and
 * every terminator is checked; a message that does not match its row exactly is
 * refused whole.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/fd.h"

/* Largest message, header included; below the default SO_SNDBUF. */
#define RPC_FRAME_MAX (192 * 1024)

enum rpc_kind { RPC_KIND_REQUEST, RPC_KIND_REPLY, RPC_KIND_EVENT, N_RPC_KIND };

struct rpc_header {
	uint16_t number;
	uint16_t kind;  /* enum rpc_kind */
	uint32_t id;    /* chosen by the caller, repeated in the reply */
	int32_t status; /* replies: 0, or -errno with a STR of words after it */
	uint32_t size;  /* bytes that follow this header */
};

enum rpc_type {
	RPC_U32,
	RPC_U64,
	RPC_I32,
	RPC_STR,
	RPC_BYTES,
	RPC_STRV,
	RPC_LIST, /* on the wire as BYTES */
};

struct rpc_bytes {
	const uint8_t *data;
	uint32_t size;
};

/* Room for the records of one list being made; see rpc_list_add. */
struct rpc_list {
	uint8_t *data; /* the caller's, `size` bytes */
	size_t size;
	uint32_t used, count;
};

/* `count` NUL-terminated strings, one after the other, `size` bytes in all. */
struct rpc_strv {
	const char *data;
	uint32_t size;
	uint32_t count;
};

struct rpc_field {
	const char *name;
	enum rpc_type type;
	uint32_t max; /* all but numbers: most bytes, terminators included */
	size_t offset;
	const struct rpc_layout *record; /* LIST: of each */
	/* LIST: it came later, and is not there where it is empty. */
	bool is_later;
};

/* Room for the decoded struct of any row; rpc_define.h checks that it is. */
union rpc_any {
	uint64_t align;
	uint8_t bytes[512];
};

/* How one struct lies in memory and on the wire. */
struct rpc_layout {
	const char *name;
	size_t struct_size;
	size_t n_fields;
	const struct rpc_field *fields;
};

/* In a `who` column: once on a connection, whatever comes of it. */
#define RPC_ONCE (1u << 31)

/* One row of a call table. */
struct rpc_call {
	uint16_t number;
	const char *name;
	enum rpc_kind kind;    /* RPC_KIND_REQUEST, or _EVENT (no reply) */
	uint32_t who;          /* bits of the table's own peer enum; RPC_ONCE */
	uint32_t rights;       /* all of these must be held */
	uint32_t request_fds;  /* exactly this many descriptors come along */
	uint32_t reply_fds_max;
	uint32_t max_bytes;    /* of the request's payload */
	const struct rpc_layout *request;
	const struct rpc_layout *reply; /* NULL for events */
};

/* Whether the row admits this kind of peer with these rights. */
static inline bool
rpc_permits(const struct rpc_call *row, uint32_t who, uint32_t rights)
{
	return (row->who & who & ~RPC_ONCE) != 0 &&
	    (row->rights & ~rights) == 0;
}

/* A received message; also the storage of what was decoded from it. */
struct rpc_message {
	struct rpc_header header;
	int fds[FD_PASS_MAX]; /* owned by the message until taken; -1 = none */
	size_t n_fds;
	uint8_t *payload; /* header.size bytes */
	uint8_t *buffer;  /* the allocation behind it */
};

/*
 * Writes the fields of *data to buffer. Returns the bytes written, or
 * -EMSGSIZE where a field exceeds its maximum or the buffer is too small.
 */
ptrdiff_t rpc_encode(const struct rpc_layout *layout, const void *data,
    uint8_t *buffer, size_t size);

/*
 * Reads *ret_data (layout->struct_size bytes, zeroed first) from buffer, and
 * with ret_used returns how much one record took; without it the record must
 * fill the buffer. 0, or -EBADMSG.
 */
int rpc_decode(const struct rpc_layout *layout, const uint8_t *buffer,
    size_t size, void *ret_data, size_t *ret_used);

/*
 * The same for a record that was kept, maybe before its last field was thought
 * of: then that is 0. What comes over a socket is never older.
 */
int rpc_decode_kept(const struct rpc_layout *layout, const uint8_t *buffer,
    size_t size, void *ret_data);

/* The next string of *strv, consumed; NULL when there is none left. */
const char *rpc_strv_next(struct rpc_strv *strv);

/*
 * A LIST in C is its records, encoded end to end: a struct rpc_bytes of which
 * decoding has checked that it is whole records and nothing else. Reads the
 * next into *ret_record (as rpc_decode) and consumes it; false at the end.
 */
bool rpc_list_next(const struct rpc_layout *record, struct rpc_bytes *list,
    void *ret_record);

/* Adds a record to a list being made. 0, or -EMSGSIZE where it has no room. */
int rpc_list_add(struct rpc_list *list, const struct rpc_layout *layout,
    const void *record);

/* It as a field; lives as long as its data. */
static inline struct rpc_bytes
rpc_list_bytes(const struct rpc_list *list)
{
	return (struct rpc_bytes){list->data, list->used};
}

/*
 * A message that is to be sent later: encoded, with duplicates of its
 * descriptors. rpc_frame_free it when it was sent, or is not to be.
 */
struct rpc_frame {
	uint8_t *data;
	size_t size;
	int fds[FD_PASS_MAX];
	size_t n_fds;
};

/* These fill *ret, which need not be initialised; nothing is kept on errors.
 * 0, -EMSGSIZE, -ENOMEM, or -errno of the duplicates. */
int rpc_frame_request(const struct rpc_call *call, uint32_t id,
    const void *request, const int *fds, size_t n_fds, struct rpc_frame *ret);
int rpc_frame_reply(const struct rpc_call *call, uint32_t id,
    const void *reply, const int *fds, size_t n_fds, struct rpc_frame *ret);
int rpc_frame_error(uint16_t number, uint32_t id, const struct err *err,
    struct rpc_frame *ret);
int rpc_frame_send(int sock, const struct rpc_frame *frame, int flags);
void rpc_frame_free(struct rpc_frame *frame);

/*
 * Sends. `fds` stay the caller's. 0, -EAGAIN under MSG_DONTWAIT in flags, or
 * another -errno.
 */
int rpc_send_request(int sock, const struct rpc_call *call, uint32_t id,
    const void *request, const int *fds, size_t n_fds, int flags);
int rpc_send_reply(int sock, const struct rpc_call *call, uint32_t id,
    const void *reply, const int *fds, size_t n_fds, int flags);
int rpc_send_error(int sock, uint16_t number, uint32_t id,
    const struct err *err, int flags);

/*
 * Receives one message into *ret_message, which must be zeroed or freed.
 * Returns 1, 0 at end of file, -EAGAIN where `flags` has MSG_DONTWAIT and
 * nothing is there, -EBADMSG for a frame that is not one (drop the peer), or
 * another -errno. Free with rpc_message_free whatever was returned.
 */
int rpc_receive(int sock, struct rpc_message *ret_message, int flags);
void rpc_message_free(struct rpc_message *message);

#define auto_rpc_message __attribute__((cleanup(rpc_message_free)))

/*
 * Checks a received request or event against its row (kind, descriptors, size)
 * and decodes it into *ret_request. 0 or -EBADMSG: drop the peer.
 * Whether the peer may make this call at all (who, rights) is the server's to
 * check first.
 */
int rpc_open_request(const struct rpc_call *call,
    const struct rpc_message *message, void *ret_request);

/*
 * The same for a reply: 0 and *ret_reply, or the server's error in *err, or
 * -EBADMSG in *err for a malformed reply.
 */
int rpc_open_reply(const struct rpc_call *call,
    const struct rpc_message *message, void *ret_reply, struct err *err);

/*
 * One whole call on a blocking socket that nobody else reads: sends, waits for
 * the reply with the same id, opens it. *ret_message must be zeroed; it holds
 * the strings and descriptors of *ret_reply, also after an error.
 */
int rpc_call(int sock, const struct rpc_call *call, const void *request,
    const int *fds, size_t n_fds, void *ret_reply,
    struct rpc_message *ret_message, struct err *err);
