// SPDX-License-Identifier: Apache-2.0
/*
 * OpenSSH user certificates (PROTOCOL.certkeys), taken apart and checked. The
 * blob is an attacker's until certificate_check_signature has passed, and
 * means anything only where its CA is trusted.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/prefix.h"
#include "keys/range.h"
#include "keys/ssh_key.h"

#define CERTIFICATE_SIZE_MAX	    8192
#define CERTIFICATE_PRINCIPALS_MAX  256
#define CERTIFICATE_KEY_ID_SIZE	    256
#define CERTIFICATE_COMMAND_SIZE    4096
#define CERTIFICATE_ADDRESSES_SIZE  1024

struct certificate {
	uint8_t key[SSH_KEY_BLOB_MAX]; /* the certified key, as a plain blob */
	size_t key_size;
	uint64_t serial;
	char key_id[CERTIFICATE_KEY_ID_SIZE];
	struct range principals; /* strings; into the blob */
	uint64_t valid_after_s, valid_before_s; /* Unix time; before excluded */
	uint32_t rights; /* enum rpc_right, of RPC_RIGHTS_SSH */
	char forced_command[CERTIFICATE_COMMAND_SIZE];	 /* "" = none */
	char source_addresses[CERTIFICATE_ADDRESSES_SIZE]; /* by commas */
	bool has_source_addresses;
	bool requires_verification; /* of a security key's user */
	struct range ca_key;	/* into the blob */
	struct range signature; /* of the CA; into the blob */
	struct range signed_data;
};

/* Whether a key blob calls itself a certificate, of whatever kind. */
bool certificate_is_one(const uint8_t *blob, size_t size);

/*
 * Reads a user certificate of any key that ssh_key_check takes, for a CA key
 * of the same; *ret points into the blob. Strict: every byte accounted for,
 * options sorted and each once, no critical option that is not known. Times
 * and the signature are not looked at. 0, or -EINVAL with what is wrong.
 */
int certificate_parse(const uint8_t *blob, size_t size,
    struct certificate *ret, struct err *err);

/* Whether the CA it names did sign it: 0 or -EACCES. */
int certificate_check_signature(const struct certificate *certificate,
    struct err *err);

/*
 * Whether it is good at this time and for a client at this numeric address: 0
 * or -EACCES. A list of addresses that sshd would not take is good for none.
 */
int certificate_check_use(const struct certificate *certificate,
    uint64_t now_s, const char *address, struct err *err);

/*
 * The next principal of *rest, which begins as certificate->principals, as
 * text: 1, or 0 at the end. One that does not fit ret[size] is given as "".
 */
int certificate_next_principal(struct range *rest, char *ret, size_t size);
