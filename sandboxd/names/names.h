// SPDX-License-Identifier: Apache-2.0
/*
 * sandboxd's half of names (docs/EGRESS.md): it tells gateway-resolver which
 * sandbox asks where and what it may know, dials for it, and lets sandboxes
 * reach what names led to. Nothing of a DNS message ever comes here. It is
 * beside the machine, as a policy changes no state.
 */
#pragma once

#include "common/rpc_client.h"
#include "sandboxd/daemon.h"

struct names;

/* Connects to the resolver, now and whenever it comes back. 0 or -ENOMEM. */
int names_start(struct daemon *daemon, struct err *err);
void names_end(struct daemon *daemon);

/* Has the resolver know what it should of one, or nothing; to be called
 * whenever its state or its policy may have changed. */
void names_review(struct sandbox *sandbox);

/*
 * Where a name leads for the sandbox with this id, whose policy has names, or
 * for one that has none (""): `done` is given a rpc_names_look_up_rep. -EAGAIN
 * where nobody answers names now.
 */
int names_look_up(struct daemon *daemon, const char *id, const char *name,
    rpc_client_done *done, void *arg, struct err *err);
