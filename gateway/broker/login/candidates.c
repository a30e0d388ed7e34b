// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/candidates.h"

#include <errno.h>
#include <string.h>

#include "common/rpc_calls.h"

uint32_t
candidate_rights(const struct identity *identity)
{
	const uint32_t rights = identity->rights != 0 ? identity->rights :
	    RPC_RIGHTS_SSH;
	uint32_t may = role_rights(&identity->standing);

	/* Who enters one may know what it is called. */
	if ((may & RPC_RIGHT_ATTACH) != 0)
		may |= RPC_RIGHT_LIST;
	return rights & may & RPC_RIGHTS_SSH;
}

/*
 * Credentials for one sandbox are good for no other; those for SSH alone make
 * sandboxes where they may run something, and are none for the lobby.
 */
static bool
is_fit(const struct identity *identity, const struct username *name)
{
	switch (name->kind) {
	case USERNAME_SANDBOX:
		return (candidate_rights(identity) & RPC_RIGHT_ATTACH) != 0 &&
		    (identity->sandbox_id[0] == '\0' ||
		    strcmp(identity->sandbox_id, name->sandbox_id) == 0);
	case USERNAME_NEW:
		return identity->sandbox_id[0] == '\0' &&
		    (candidate_rights(identity) & RPC_RIGHT_SPAWN) != 0 &&
		    role_permits(&identity->standing, ACTION_CREATE,
		    RELATION_OWN);
	case USERNAME_LOBBY:
		return identity->sandbox_id[0] == '\0' &&
		    identity->rights == 0;
	}
	return false;
}

/*
 * Anybody may give somebody else's public key for their own. Where a sandbox's
 * id does not say whose login it is, it must not be theirs: their organisation
 * would read what the other puts into a new sandbox.
 */
static bool
is_ambiguous(const struct identities *candidates, const struct username *name)
{
	if (name->kind == USERNAME_SANDBOX)
		return false;
	for (size_t i = 1; i < candidates->n; i++)
		if (strcmp(candidates->rows[i].org,
		    candidates->rows[0].org) != 0)
			return true;
	return false;
}

int
candidates_narrow(struct identities *candidates, const struct username *name)
{
	size_t n = 0;

	for (size_t i = 0; i < candidates->n; i++)
		if (is_fit(&candidates->rows[i], name))
			candidates->rows[n++] = candidates->rows[i];
	candidates->n = n;
	if (!is_ambiguous(candidates, name))
		return 0;
	candidates->n = 0;
	return -ENOTUNIQ;
}

static enum relation
relation_to(const struct identity *identity,
    const struct sandbox_owner *owner)
{
	if (strcmp(identity->org, owner->org) != 0)
		return RELATION_FOREIGN;
	if (owner->owner_id != 0 && owner->owner_id == identity->user_id)
		return RELATION_OWN;
	return owner->is_private ? RELATION_PRIVATE : RELATION_SHARED;
}

const struct identity *
candidates_for_sandbox(const struct identities *candidates,
    const struct sandbox_owner *owner)
{
	for (size_t i = 0; i < candidates->n; i++) {
		const struct identity *row = &candidates->rows[i];
		const enum relation relation = relation_to(row, owner);

		if (role_permits(&row->standing, ACTION_EXEC, relation) ||
		    role_permits(&row->standing, ACTION_FILES, relation))
			return row;
	}
	return NULL;
}

static bool
is_same(const struct identity *now, const struct identity *then)
{
	return now->credential == then->credential &&
	    now->credential_id == then->credential_id &&
	    (then->user_id == 0 || now->user_id == then->user_id) &&
	    now->rights == then->rights &&
	    now->standing.role == then->standing.role &&
	    now->standing.scopes == then->standing.scopes &&
	    now->standing.is_own_only == then->standing.is_own_only &&
	    strcmp(now->org, then->org) == 0 &&
	    strcmp(now->user, then->user) == 0 &&
	    strcmp(now->sandbox_id, then->sandbox_id) == 0;
}

const struct identity *
candidates_again(const struct identities *candidates,
    const struct identity *then)
{
	for (size_t i = 0; i < candidates->n; i++)
		if (is_same(&candidates->rows[i], then))
			return &candidates->rows[i];
	return NULL;
}
