// SPDX-License-Identifier: Apache-2.0
/*
 * hostkeys-00@openssh.com and hostkeys-prove-00@openssh.com (OpenSSH's
 * PROTOCOL, section 2.5): after a login a client is told every host key there
 * is, and those it does not know yet prove themselves by a signature, so that
 * keys can be replaced without anybody being asked.
 */
#pragma once

#include <libssh/libssh.h>
#include <stdbool.h>

#include "common/err.h"
#include "gateway/ssh/libssh/packet_fields.h"

#define HOST_PROOF_KEYS_MAX 16

struct global_request;
struct global_requests;

/*
 * Takes note of a private key, before any session begins; it stays the
 * caller's and must outlive them all. -E2BIG, or -EINVAL where it is of a type
 * without a signature we know.
 */
int host_proof_add(ssh_key key, struct err *err);

/* Whether a key of this type, or any ECDSA key for one, was noted before. */
bool host_proof_has_kind(enum ssh_keytypes_e type);

/* Tells the client all keys; once, after its login was granted. */
void host_proof_announce(ssh_session ssh);

/* Answers hostkeys-prove-00: `rest` is the blobs asked about. */
void host_proof_take(struct global_requests *queue,
    struct global_request *request, struct packet_reader *rest);
