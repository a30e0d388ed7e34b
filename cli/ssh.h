// SPDX-License-Identifier: Apache-2.0
/*
 * The system's ssh and scp towards sandboxes, without a question ever: a key
 * made for this one login, known to the gateway for minutes, and the gateway's
 * host keys pinned as the API tells them. What the user has configured for ssh
 * is left aside, so that it cannot get in the way.
 */
#pragma once

#include "cli/cli.h"

struct ssh_login;

/* Makes a fresh key, in memory alone. *ret is the caller's to ssh_login_free.
 */
int ssh_login_new(struct cli *cli, struct ssh_login **ret, struct err *err);
void ssh_login_free(struct ssh_login *login);

/*
 * Lets the key into the sandbox of an id or a name, and pins the host keys. May
 * be called for several sandboxes of one gateway. 0 or -errno with the API's
 * words.
 */
int ssh_login_grant(struct ssh_login *login, const char *id, struct err *err);

/* Whom to log in as, after a grant: the id of its sandbox. */
const char *ssh_login_username(const struct ssh_login *login);

/* Where to connect to, after a grant. */
const char *ssh_login_host(const struct ssh_login *login);

/*
 * Runs `program` (ssh or scp) with the options of this login, then `words`
 * (NULL-terminated); waits, handing on signals. Returns its exit status, or
 * 128 and the signal that ended it, or CLI_FAILED where it could not be run.
 */
int ssh_login_run(struct ssh_login *login, const char *program,
    const char *const *words, struct err *err);

/*
 * The address to dial where the API calls the gateway's host `host`: who uses
 * the API's Unix socket is on that host, where its public name need not
 * resolve; over TCP it has to.
 */
void ssh_choose_host(const struct cli *cli, const char *host, char *ret,
    size_t size);

/*
 * A command for the sandbox's shell: one word is one, as with ssh; several are
 * an argument vector, which quoting keeps as it is. The caller's to free, NULL:
 * no memory.
 */
char *ssh_command_line(int argc, char **argv);

/* text in quotes for a POSIX shell; the caller's to free, NULL: no memory. */
char *ssh_quote(const char *text);
