// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/session_ids.h"

#include <sodium.h>
#include <string.h>

bool
session_ids_is_new(struct session_ids *ids, const uint8_t *session_id,
    size_t size)
{
	uint8_t hash[SESSION_IDS_HASH_BYTES];

	crypto_generichash(hash, sizeof hash, session_id, size, NULL, 0);
	for (size_t i = 0; i < ids->n; i++)
		if (memcmp(ids->hashes[i], hash, sizeof hash) == 0)
			return false;
	memcpy(ids->hashes[ids->next], hash, sizeof hash);
	ids->next = (ids->next + 1) % SESSION_IDS_MAX;
	if (ids->n < SESSION_IDS_MAX)
		ids->n++;
	return true;
}
