// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/session_ids.h"

#include <sodium.h>
#include <string.h>

bool
replay_is_first(struct replay *replay, const uint8_t *session_id, size_t size)
{
	uint8_t hash[REPLAY_HASH_BYTES];

	crypto_generichash(hash, sizeof hash, session_id, size, NULL, 0);
	for (size_t i = 0; i < replay->n; i++)
		if (memcmp(replay->hashes[i], hash, sizeof hash) == 0)
			return false;
	memcpy(replay->hashes[replay->next], hash, sizeof hash);
	replay->next = (replay->next + 1) % REPLAY_MAX;
	if (replay->n < REPLAY_MAX)
		replay->n++;
	return true;
}
