// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/sshfp.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define BLOB_MAX_BYTES 8192
#define BASE64_SIZE    sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, \
	sodium_base64_VARIANT_ORIGINAL_NO_PADDING)

static unsigned int
number_of(const char *algorithm)
{
	static const struct {
		const char *algorithm;
		unsigned int number;
	} rows[] = {{"ssh-rsa", 1}, {"ecdsa-sha2-nistp256", 3},
	    {"ecdsa-sha2-nistp384", 3}, {"ecdsa-sha2-nistp521", 3},
	    {"ssh-ed25519", 4}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].algorithm, algorithm) == 0)
			return rows[i].number;
	return 0;
}

int
sshfp_compute(const char *line, struct sshfp *ret, struct err *err)
{
	size_t name_size = strcspn(line, " "), size;
	const char *base64 = line + name_size + strspn(line + name_size, " ");
	unsigned char hash[crypto_hash_sha256_BYTES], blob[BLOB_MAX_BYTES];
	char text[BASE64_SIZE];
	struct sshfp found;

	if (name_size >= sizeof found.algorithm)
		return err_set(err, EINVAL, "host key: not an algorithm");
	snprintf(found.algorithm, sizeof found.algorithm, "%.*s",
	    (int)name_size, line);
	found.number = number_of(found.algorithm);
	if (found.number == 0)
		return err_set(err, EINVAL, "host key: no SSHFP number for %s",
		    found.algorithm);
	if (sodium_base642bin(blob, sizeof blob, base64, strcspn(base64,
	    " \r\n"), NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) < 0 ||
	    size == 0)
		return err_set(err, EINVAL, "host key: not base64");
	crypto_hash_sha256(hash, blob, size);
	sodium_bin2hex(found.digest, sizeof found.digest, hash, sizeof hash);
	sodium_bin2base64(text, sizeof text, hash, sizeof hash,
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	snprintf(found.fingerprint, sizeof found.fingerprint, "SHA256:%s",
	    text);
	*ret = found;
	return 0;
}
