// SPDX-License-Identifier: Apache-2.0
/* How a host key is shown to people and told by DNS (RFC 4255). */
#pragma once

#include "common/err.h"

#define SSHFP_ALGORITHM_SIZE   64
#define SSHFP_FINGERPRINT_SIZE 52 /* "SHA256:" and 43 characters of base64 */
#define SSHFP_DIGEST_SIZE      65 /* 32 bytes in hexadecimal */
#define SSHFP_TYPE_SHA256      2  /* RFC 6594; SHA-1 is not told any more */

struct sshfp {
	char algorithm[SSHFP_ALGORITHM_SIZE]; /* "ssh-ed25519" */
	unsigned int number;		      /* of RFC 4255, 6594 and 7479 */
	char fingerprint[SSHFP_FINGERPRINT_SIZE];
	char digest[SSHFP_DIGEST_SIZE];
};

/* Of a line "ssh-ed25519 AAAA...", a comment allowed. -EINVAL where it is not
 * one, or of an algorithm that has no number. */
int sshfp_compute(const char *line, struct sshfp *ret, struct err *err);
