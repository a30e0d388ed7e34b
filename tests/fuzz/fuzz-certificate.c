// SPDX-License-Identifier: Apache-2.0
/* A key blob that calls itself a certificate, with its CA's signature. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "keys/certificate.h"

#define NOW_S 1700000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was accepted holds no more than its limits, and lies inside. */
static void
use(const struct certificate *certificate, const uint8_t *blob, size_t size)
{
	struct range rest = certificate->principals;
	char name[64];
	struct err err;

	assert(ssh_key_check(certificate->key, certificate->key_size, &err) ==
	    0);
	assert((certificate->rights & ~(uint32_t)RPC_RIGHTS_SSH) == 0);
	assert(certificate->forced_command[0] == '\0' ||
	    (certificate->rights & RPC_RIGHT_ROOT) == 0);
	assert(certificate->signed_data.data == blob &&
	    certificate->signed_data.size < size);
	assert(certificate->signature.data + certificate->signature.size ==
	    blob + size);
	while (certificate_next_principal(&rest, name, sizeof name) > 0)
		assert(strlen(name) < sizeof name);
	assert(rest.size == 0);
	(void)certificate_check_use(certificate, NOW_S, "192.0.2.7", &err);
	(void)certificate_check_use(certificate, NOW_S, "2001:db8::1", &err);
	(void)certificate_check_signature(certificate, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct certificate certificate;
	struct err err = {0};

	(void)certificate_is_one(data, size);
	if (certificate_parse(data, size, &certificate, &err) == 0)
		use(&certificate, data, size);
	else
		assert(err.text[0] != '\0');
	return 0;
}
