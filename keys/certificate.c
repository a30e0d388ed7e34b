// SPDX-License-Identifier: Apache-2.0
#include "keys/certificate.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "keys/signature.h"

#define TYPE_USER     1
#define NAME_SUFFIX   "-cert-v01@openssh.com"
#define SFTP_COMMAND  "internal-sftp"
#define SFTP_READ_ONLY SFTP_COMMAND " -R"

/* What no extension is needed for. */
#define BASE_RIGHTS                                                            \
	(RPC_RIGHTS_SSH & ~(uint32_t)(RPC_RIGHT_PTY | RPC_RIGHT_FORWARD |      \
	    RPC_RIGHT_AGENT | RPC_RIGHT_X11))

/* Which fields of the key follow the nonce. */
static const struct kind {
	const char *name;     /* of the certificate */
	const char *key_name; /* of the plain key */
	unsigned n_fields;
} kinds[] = {
    {"ssh-ed25519" NAME_SUFFIX, "ssh-ed25519", 1},
    {"ecdsa-sha2-nistp256" NAME_SUFFIX, "ecdsa-sha2-nistp256", 2},
    {"ecdsa-sha2-nistp384" NAME_SUFFIX, "ecdsa-sha2-nistp384", 2},
    {"ecdsa-sha2-nistp521" NAME_SUFFIX, "ecdsa-sha2-nistp521", 2},
    {"ssh-rsa" NAME_SUFFIX, "ssh-rsa", 2},
    {"sk-ssh-ed25519" NAME_SUFFIX, "sk-ssh-ed25519@openssh.com", 2},
    {"sk-ecdsa-sha2-nistp256" NAME_SUFFIX,
	"sk-ecdsa-sha2-nistp256@openssh.com", 3},
};

/* An option is known by its row, or refused (critical) or ignored. */
struct option {
	const char *name;
	int (*take)(struct certificate *certificate, struct range value);
	uint32_t right;
};

bool
certificate_is_one(const uint8_t *blob, size_t size)
{
	static const char suffix[] = NAME_SUFFIX;
	struct range rest = {blob, size}, name;

	return range_take_string(&rest, &name) == 0 &&
	    name.size > sizeof suffix - 1 &&
	    memcmp(name.data + name.size - (sizeof suffix - 1), suffix,
	    sizeof suffix - 1) == 0;
}

/* A string without a zero byte, as text. */
static int
copy_text(struct range from, char *ret, size_t size)
{
	if (from.size >= size || memchr(from.data, '\0', from.size) != NULL)
		return -EBADMSG;
	memcpy(ret, from.data, from.size);
	ret[from.size] = '\0';
	return 0;
}

/* An option's value that is itself one string, and nothing else. */
static int
copy_value(struct range value, char *ret, size_t size)
{
	struct range text;

	if (range_take_string(&value, &text) < 0 || value.size != 0)
		return -EBADMSG;
	return copy_text(text, ret, size);
}

static int
take_forced_command(struct certificate *certificate, struct range value)
{
	if (copy_value(value, certificate->forced_command,
	    sizeof certificate->forced_command) < 0 ||
	    certificate->forced_command[0] == '\0')
		return -EBADMSG;
	certificate->rights &= ~(uint32_t)RPC_RIGHT_ROOT;
	if (strcmp(certificate->forced_command, SFTP_READ_ONLY) != 0)
		return 0;
	certificate->rights &= ~(uint32_t)RPC_RIGHT_SFTP_WRITE;
	strcpy(certificate->forced_command, SFTP_COMMAND);
	return 0;
}

static int
take_source_addresses(struct certificate *certificate, struct range value)
{
	certificate->has_source_addresses = true;
	return copy_value(value, certificate->source_addresses,
	    sizeof certificate->source_addresses);
}

static int
take_verification(struct certificate *certificate, struct range value)
{
	certificate->requires_verification = true;
	return value.size == 0 ? 0 : -EBADMSG;
}

static const struct option critical_options[] = {
    {"force-command", take_forced_command, 0},
    {"source-address", take_source_addresses, 0},
    {"verify-required", take_verification, 0},
    {NULL, NULL, 0},
};

static const struct option extensions[] = {
    {"permit-X11-forwarding", NULL, RPC_RIGHT_X11},
    {"permit-agent-forwarding", NULL, RPC_RIGHT_AGENT},
    {"permit-port-forwarding", NULL, RPC_RIGHT_FORWARD},
    {"permit-pty", NULL, RPC_RIGHT_PTY},
    {NULL, NULL, 0},
};

static int
take_option(struct certificate *certificate, const struct option *rows,
    bool is_critical, struct range name, struct range value, struct err *err)
{
	int shown = (int)(name.size < 64 ? name.size : 64);
	int r = 0;

	while (rows->name != NULL && !range_is(name, rows->name))
		rows++;
	if (rows->name == NULL && is_critical)
		return err_set(err, EINVAL, "unknown critical option \"%.*s\"",
		    shown, (const char *)name.data);
	if (rows->name == NULL)
		return 0;
	if (rows->take != NULL)
		r = rows->take(certificate, value);
	else if (value.size != 0)
		r = -EBADMSG;
	certificate->rights |= rows->right;
	return r < 0 ? err_set(err, EINVAL, "option %s: malformed value",
	    rows->name) : 0;
}

/* Whether b comes after a, byte by byte. */
static bool
is_ascending(struct range a, struct range b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	int order = size > 0 ? memcmp(a.data, b.data, size) : 0;

	return order != 0 ? order < 0 : a.size < b.size;
}

static int
take_options(struct certificate *certificate, const struct option *rows,
    bool is_critical, struct range list, struct err *err)
{
	struct range last = {NULL, 0}, name, value;
	int r;

	while (list.size > 0) {
		if (range_take_string(&list, &name) < 0 ||
		    range_take_string(&list, &value) < 0)
			return err_set(err, EINVAL, "malformed options");
		if (!is_ascending(last, name))
			return err_set(err, EINVAL,
			    "options out of order or more than once");
		last = name;
		r = take_option(certificate, rows, is_critical, name, value,
		    err);
		if (r < 0)
			return r;
	}
	return 0;
}

static void
put_string(struct certificate *certificate, struct range value)
{
	uint32_t size = htobe32((uint32_t)value.size);

	memcpy(certificate->key + certificate->key_size, &size, sizeof size);
	memcpy(certificate->key + certificate->key_size + sizeof size,
	    value.data, value.size);
	certificate->key_size += sizeof size + value.size;
}

/*
 * Builds the plain key out of its name and fields, which together are shorter
 * than the certificate: no kind's plain name is longer.
 */
static int
take_key(struct certificate *certificate, struct range *rest, struct err *err)
{
	const struct kind *kind = NULL;
	struct range name, nonce, field;

	if (range_take_string(rest, &name) < 0)
		return err_set(err, EINVAL, "malformed certificate");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (range_is(name, kinds[i].name))
			kind = &kinds[i];
	if (kind == NULL)
		return err_set(err, EINVAL, "unknown kind of certificate");
	if (range_take_string(rest, &nonce) < 0)
		return err_set(err, EINVAL, "malformed certificate");
	put_string(certificate, (struct range){
	    (const uint8_t *)kind->key_name, strlen(kind->key_name)});
	for (unsigned i = 0; i < kind->n_fields; i++) {
		if (range_take_string(rest, &field) < 0)
			return err_set(err, EINVAL, "malformed certificate");
		put_string(certificate, field);
	}
	return ssh_key_check(certificate->key, certificate->key_size, err);
}

static int
check_principals(struct range principals, struct err *err)
{
	struct range name;
	unsigned n = 0;

	while (principals.size > 0)
		if (n++ == CERTIFICATE_PRINCIPALS_MAX ||
		    range_take_string(&principals, &name) < 0 ||
		    memchr(name.data, '\0', name.size) != NULL)
			return err_set(err, EINVAL, "malformed principals");
	return 0;
}

static int
take_rest(struct certificate *c, struct range rest, struct err *err)
{
	const uint8_t *begin = c->signed_data.data;
	struct range key_id, critical, extension, reserved;
	uint32_t type;
	int r;

	if (range_take_u64(&rest, &c->serial) < 0 ||
	    range_take_u32(&rest, &type) < 0 ||
	    range_take_string(&rest, &key_id) < 0 ||
	    range_take_string(&rest, &c->principals) < 0 ||
	    range_take_u64(&rest, &c->valid_after_s) < 0 ||
	    range_take_u64(&rest, &c->valid_before_s) < 0 ||
	    range_take_string(&rest, &critical) < 0 ||
	    range_take_string(&rest, &extension) < 0 ||
	    range_take_string(&rest, &reserved) < 0 ||
	    range_take_string(&rest, &c->ca_key) < 0)
		return err_set(err, EINVAL, "malformed certificate");
	c->signed_data.size = (size_t)(rest.data - begin);
	if (range_take_string(&rest, &c->signature) < 0 || rest.size != 0)
		return err_set(err, EINVAL, "malformed certificate");
	if (type != TYPE_USER)
		return err_set(err, EINVAL, "not a user's certificate");
	if (copy_text(key_id, c->key_id, sizeof c->key_id) < 0)
		return err_set(err, EINVAL, "key id longer than %d bytes, or "
		    "not text", CERTIFICATE_KEY_ID_SIZE - 1);
	r = check_principals(c->principals, err);
	/* Extensions first: a forced command may take rights away. */
	if (r == 0)
		r = take_options(c, extensions, false, extension, err);
	if (r == 0)
		r = take_options(c, critical_options, true, critical, err);
	if (r == 0)
		r = ssh_key_check(c->ca_key.data, c->ca_key.size, err);
	return r;
}

int
certificate_parse(const uint8_t *blob, size_t size, struct certificate *ret,
    struct err *err)
{
	struct range rest = {blob, size};
	int r;

	*ret = (struct certificate){.rights = BASE_RIGHTS,
	    .signed_data = {blob, 0}};
	if (size > CERTIFICATE_SIZE_MAX)
		return err_set(err, EINVAL, "certificate: more than %d bytes",
		    CERTIFICATE_SIZE_MAX);
	r = take_key(ret, &rest, err);
	if (r == 0)
		r = take_rest(ret, rest, err);
	return r < 0 ? err_wrap(err, "certificate") : 0;
}

int
certificate_check_signature(const struct certificate *certificate,
    struct err *err)
{
	if (signature_verify(certificate->ca_key.data,
	    certificate->ca_key.size, certificate->signature.data,
	    certificate->signature.size, certificate->signed_data.data,
	    certificate->signed_data.size, err) < 0)
		return err_set(err, EACCES, "certificate: not signed by the "
		    "CA it names");
	return 0;
}

/* As sshd: one entry that cannot be read makes the list good for nobody. */
static bool
is_listed(const char *list, const struct prefix *address)
{
	char copy[CERTIFICATE_ADDRESSES_SIZE], *rest = copy, *word;
	bool is_found = false;

	snprintf(copy, sizeof copy, "%s", list);
	while ((word = strsep(&rest, ",")) != NULL) {
		struct prefix prefix;

		if (prefix_parse(word, &prefix) < 0 ||
		    prefix_has_host_bits(&prefix))
			return false;
		if (prefix_has(&prefix, address))
			is_found = true;
	}
	return is_found;
}

int
certificate_check_use(const struct certificate *certificate, uint64_t now_s,
    const char *address, struct err *err)
{
	struct prefix from;

	if (now_s < certificate->valid_after_s)
		return err_set(err, EACCES, "certificate: not yet valid");
	if (now_s >= certificate->valid_before_s)
		return err_set(err, EACCES, "certificate: has expired");
	if (!certificate->has_source_addresses)
		return 0;
	if (prefix_parse(address, &from) < 0 ||
	    !is_listed(certificate->source_addresses, &from))
		return err_set(err, EACCES,
		    "certificate: not for clients at %s", address);
	return 0;
}

int
certificate_next_principal(struct range *rest, char *ret, size_t size)
{
	struct range name;

	if (range_take_string(rest, &name) < 0)
		return 0;
	if (copy_text(name, ret, size) < 0)
		*ret = '\0';
	return 1;
}
