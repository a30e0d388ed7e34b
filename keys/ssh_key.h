// SPDX-License-Identifier: Apache-2.0
/* SSH public keys as text: a line of an authorized_keys file, taken apart. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define SSH_KEY_BLOB_MAX	 8192
#define SSH_KEY_ALGORITHM_SIZE	 64
#define SSH_KEY_COMMENT_SIZE	 256
#define SSH_KEY_FINGERPRINT_SIZE 64
#define SSH_KEY_RSA_BITS_MIN	 2048
#define SSH_KEY_RSA_BITS_MAX	 16384

struct ssh_key {
	char algorithm[SSH_KEY_ALGORITHM_SIZE];
	char comment[SSH_KEY_COMMENT_SIZE]; /* cut where it is longer */
	char fingerprint[SSH_KEY_FINGERPRINT_SIZE];
	uint8_t blob[SSH_KEY_BLOB_MAX]; /* RFC 4253 encoding */
	size_t blob_size;
};

/*
 * Reads "algorithm base64 [comment]", the newline optional, and checks that
 * the blob is a whole key of that algorithm. Options before the key,
 * certificates and weak keys are refused. 0, or -EINVAL and what is allowed.
 */
int ssh_key_parse(const char *line, struct ssh_key *ret, struct err *err);

/* The same check of a blob alone, of at most SSH_KEY_BLOB_MAX bytes. */
int ssh_key_check(const uint8_t *blob, size_t size, struct err *err);

/* "SHA256:..." of a key blob, as ssh-keygen -l prints it. */
void ssh_key_fingerprint(const uint8_t *blob, size_t size,
    char ret[SSH_KEY_FINGERPRINT_SIZE]);
