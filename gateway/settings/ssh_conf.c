// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/ssh_conf.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"

#define TIMEOUT_MAX_S (365 * 86400)
#define FIELD(name) offsetof(struct ssh_conf, name)

const struct conf_key ssh_options_keys[] = {
    {"ssh", "jail_user", CONF_STRING, FIELD(jail_user), "sandgate-net", 0, 0,
	"", "user that sessions run as"},
    /* OpenSSH's client sends eow@openssh.com only to its own kind. */
    {"ssh", "ident", CONF_STRING, FIELD(ident), "OpenSSH_9.2 Sandgate", 0, 0,
	"", "what the server calls itself, after SSH-2.0-"},
    {"ssh", "accept_env", CONF_STRING, FIELD(accept_env),
	"LANG LC_* COLORTERM TERM_PROGRAM TERM_PROGRAM_VERSION NO_COLOR TZ", 0,
	0, "", "variables a client may set; * and ? are wildcards"},
    {"ssh", "ciphers", CONF_STRING, FIELD(ciphers),
	"chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,"
	"aes256-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr",
	0, 0, "", "ciphers, by commas"},
    {"ssh", "key_exchange", CONF_STRING, FIELD(key_exchange),
	"curve25519-sha256,curve25519-sha256@libssh.org,"
	"diffie-hellman-group16-sha512,diffie-hellman-group18-sha512",
	0, 0, "", "key exchange methods, by commas"},
    {"ssh", "macs", CONF_STRING, FIELD(macs),
	/* The last is for libssh2 before 1.11, which Debian's curl has. */
	"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
	"hmac-sha2-256",
	0, 0, "", "message authentication codes, by commas"},
    {"ssh", "host_key_algorithms", CONF_STRING, FIELD(host_key_algorithms),
	"ssh-ed25519,rsa-sha2-512,rsa-sha2-256", 0, 0, "",
	"how the host proves itself, by commas"},
    {"ssh", "public_key_algorithms", CONF_STRING,
	FIELD(public_key_algorithms),
	"ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,"
	"ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
	"sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256",
	0, 0, "", "signatures accepted from users, by commas"},
    {"ssh", "compression", CONF_BOOL, FIELD(compression), "yes", 0, 0, "",
	"no: clients that ask for zlib@openssh.com go without"},
    {"ssh", "rekey_limit", CONF_SIZE, FIELD(rekey_limit_bytes), "0", 0,
	1099511627776, "bytes",
	"one way, after which keys are exchanged anew; 0 = the cipher's own"},
    {"ssh", "rekey_interval", CONF_SECONDS, FIELD(rekey_interval_s), "0", 0,
	86400 * 30, "s",
	"time after which keys are exchanged anew; 0 = no limit"},
    {"ssh", "max_sessions", CONF_U64, FIELD(max_sessions), "64", 1, 256, "",
	"channels open at once on one connection"},
    /* Two descriptors each, of the 1024 a session may have. */
    {"ssh", "max_forwards", CONF_U64, FIELD(max_forwards), "256", 0, 320, "",
	"forwarded connections open at once on one connection"},
    {"ssh", "max_listeners", CONF_U64, FIELD(max_listeners), "32", 0, 64, "",
	"remote forwards, agents and X displays listening for one connection"},
    {"ssh", "max_auth_tries", CONF_U64, FIELD(max_auth_tries), "6", 1, 100,
	"", "refused attempts before the connection is closed"},
    {"ssh", "login_grace", CONF_SECONDS, FIELD(login_grace_s), "120", 1, 3600,
	"s", "time to authenticate in"},
    {"ssh", "client_alive_interval", CONF_SECONDS,
	FIELD(client_alive_interval_s), "60", 0, 86400, "s",
	"silence after which the client is asked for a sign; 0 = never"},
    {"ssh", "client_alive_count_max", CONF_U64,
	FIELD(client_alive_count_max), "3", 1, 1000, "",
	"questions without an answer before the connection is closed"},
    {"ssh", "recording_max_bytes", CONF_SIZE, FIELD(recording_max_bytes),
	"256M", 65536, 1099511627776, "bytes",
	"where a recording grows larger, its connection is ended"},
    {"ssh", "recording_min_free", CONF_SIZE, FIELD(recording_min_free_bytes),
	"256M", 0, 1099511627776, "bytes",
	"where the disk of recordings has less left, there are no more"},
    {"ssh", "recording_exec_bytes", CONF_SIZE, FIELD(recording_exec_bytes),
	"64K", 0, 16 << 20, "bytes",
	"of each stream of a recorded command that are kept; more is counted"},
    {"ssh", "recording_input", CONF_BOOL, FIELD(recording_input), "no", 0, 0,
	"", "yes: what is typed is recorded too, passwords with it"},
    {"ssh", "channel_timeout", CONF_STRING, FIELD(channel_timeout), "", 0, 0,
	"", "TYPE=TIME by blanks: an idle channel is closed; TYPE is "
	"session:shell, session:command, direct-tcpip, ...; * and ? match"},
    {"ssh", "unused_connection_timeout", CONF_SECONDS,
	FIELD(unused_connection_timeout_s), "0", 0, 86400, "s",
	"a connection without a channel is closed after it; 0 = never"},
    {"ssh", "banner", CONF_STRING, FIELD(banner), "", 0, 0, "",
	"file that clients are shown before they authenticate"},
    {"ssh", "print_motd", CONF_BOOL, FIELD(print_motd), "yes", 0, 0, "",
	"show a shell on a terminal /etc/motd of its sandbox"},
};
const size_t n_ssh_options_keys =
    sizeof ssh_options_keys / sizeof *ssh_options_keys;

/*
 * Finds the time of the first pattern that matches, 0 where none does. -EINVAL
 * where a word is no pattern and time; with type NULL all are looked at.
 */
static int
find_timeout(const char *text, const char *type, uint64_t *ret_s)
{
	char words[CONF_STRING_SIZE], *rest = words, *pattern, *time;
	uint64_t seconds;

	*ret_s = 0;
	snprintf(words, sizeof words, "%s", text);
	while ((pattern = strsep(&rest, " \t")) != NULL) {
		if (*pattern == '\0')
			continue;
		time = strrchr(pattern, '=');
		if (time == NULL || time == pattern ||
		    parse_seconds(time + 1, &seconds) < 0 ||
		    seconds > TIMEOUT_MAX_S)
			return -EINVAL;
		*time = '\0';
		if (type == NULL || fnmatch(pattern, type, 0) != 0)
			continue;
		*ret_s = seconds;
		return 0;
	}
	return 0;
}

uint64_t
ssh_conf_channel_timeout_ms(const struct ssh_conf *options,
    const char *type)
{
	uint64_t seconds;

	(void)find_timeout(options->channel_timeout, type, &seconds);
	return seconds * 1000;
}

int
ssh_conf_read(const char *conf_path, struct ssh_conf *ret,
    struct err *err)
{
	uint64_t ignored;
	int r = conf_read(ssh_options_keys, n_ssh_options_keys, conf_path, ret,
	    err);

	if (r == 0 && find_timeout(ret->channel_timeout, NULL, &ignored) < 0)
		return err_set(err, EINVAL, "[ssh] channel_timeout: \"%s\" is "
		    "not TYPE=TIME by blanks, with times up to %dd",
		    ret->channel_timeout, TIMEOUT_MAX_S / 86400);
	return r;
}

bool
ssh_conf_accept_env(const struct ssh_conf *options, const char *name)
{
	char patterns[CONF_STRING_SIZE], *rest = patterns, *pattern;

	snprintf(patterns, sizeof patterns, "%s", options->accept_env);
	while ((pattern = strsep(&rest, " ,\t")) != NULL)
		if (*pattern != '\0' && fnmatch(pattern, name, 0) == 0)
			return true;
	return false;
}
