// SPDX-License-Identifier: Apache-2.0
/*
 * Certificates of every kind as ssh-keygen makes them, and a table of bad ones
 * that it does not make: those are put together and signed here.
 */
#include "keys/verify_certificate.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "keys/ca.h"
#include "keys/org.h"
#include "keys/revocation.h"
#include "keys/user.h"
#include "keys_fixture.h"

#define NOW_S	  (FIXTURE_NOW_MS / 1000)
#define SANDBOX_A "sb_aaaaaaaaaaaa"
#define SANDBOX_B "sb_bbbbbbbbbbbb"
#define ADDRESS	  "192.0.2.7"
#define FORWARDS                                                               \
	(RPC_RIGHT_PTY | RPC_RIGHT_FORWARD | RPC_RIGHT_AGENT | RPC_RIGHT_X11)
#define SK_KEY \
	"sk-ssh-ed25519@openssh.com " \
	"AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAABAgMEBQYHCA" \
	"kKCwwNDg8QERITFBUWFxgZGhscHR4fAAAABHNzaDo="
struct bytes {
	uint8_t data[16384];
	size_t size;
};

static char dir[PATH_MAX];
static struct err err;
static struct store *store;
static struct certificate certificate;
static struct identities found;
static EVP_PKEY *ca_key;
static uint8_t ca_public[32];

static void
put(struct bytes *to, const void *data, size_t size)
{
	assert(to->size + size <= sizeof to->data);
	memcpy(to->data + to->size, data, size);
	to->size += size;
}

static void
put_number(struct bytes *to, uint64_t n, int size)
{
	for (int i = size - 1; i >= 0; i--)
		put(to, &(uint8_t){(uint8_t)(n >> i * 8)}, 1);
}

static void
put_string(struct bytes *to, const void *data, size_t size)
{
	put_number(to, size, 4);
	put(to, data, size);
}

static void
put_text(struct bytes *to, const char *text)
{
	put_string(to, text, strlen(text));
}

/* A certificate to be made here; what is NULL or 0 is as usual. */
struct made {
	const char *what;
	const char *words;    /* of the refusal; NULL = accepted */
	uint32_t type;	      /* 0 = user */
	const char *principals; /* by spaces; NULL = "ana"; "" = none */
	const char *critical;	/* "name=value name"; value is a string */
	const char *extensions;
	uint64_t after_s, before_s; /* 0 = for ever */
	const char *key_id;
	bool has_wrong_ca, has_trailing, has_bad_value;
};

static void
put_options(struct bytes *to, const char *text, bool has_bad_value)
{
	struct bytes list = {.size = 0};
	char copy[8192], *rest = copy, *word;

	snprintf(copy, sizeof copy, "%s", text != NULL ? text : "");
	while ((word = strsep(&rest, " ")) != NULL) {
		struct bytes value = {.size = 0};
		char *equals = strchr(word, '=');

		if (*word == '\0')
			continue;
		if (equals != NULL) {
			*equals = '\0';
			/* A word has no space in it: '_' stands for one. */
			for (char *p = equals + 1; *p != '\0'; p++)
				if (*p == '_')
					*p = ' ';
			put_text(&value, equals + 1);
		}
		if (has_bad_value)
			put(&value, "", 1);
		put_text(&list, word);
		put_string(&list, value.data, value.size);
	}
	put_string(to, list.data, list.size);
}

static void
sign(struct bytes *blob, bool has_wrong_ca)
{
	uint8_t signature[64], key[32] = {1, 2, 3};
	size_t size = sizeof signature;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *other = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
	    key, sizeof key);
	struct bytes whole = {.size = 0};

	assert(EVP_DigestSignInit(context, NULL, NULL, NULL,
	    has_wrong_ca ? other : ca_key) == 1);
	assert(EVP_DigestSign(context, signature, &size, blob->data,
	    blob->size) == 1);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(other);
	put_text(&whole, "ssh-ed25519");
	put_string(&whole, signature, size);
	put_string(blob, whole.data, whole.size);
}

static void
make(const struct made *made, struct bytes *blob)
{
	struct bytes names = {.size = 0}, ca = {.size = 0};
	char copy[512], *rest = copy, *word;

	blob->size = 0;
	put_text(blob, "ssh-ed25519-cert-v01@openssh.com");
	put_text(blob, "nonce");
	put_string(blob, ca_public, sizeof ca_public); /* any key will do */
	put_number(blob, 7, 8);
	put_number(blob, made->type != 0 ? made->type : 1, 4);
	put_text(blob, made->key_id != NULL ? made->key_id : "id of ana");
	snprintf(copy, sizeof copy, "%s", made->principals != NULL ?
	    made->principals : "ana");
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			put_text(&names, word);
	put_string(blob, names.data, names.size);
	put_number(blob, made->after_s, 8);
	put_number(blob, made->before_s != 0 ? made->before_s : UINT64_MAX, 8);
	put_options(blob, made->critical, made->has_bad_value);
	put_options(blob, made->extensions, made->has_bad_value);
	put_text(blob, "");
	put_text(&ca, "ssh-ed25519");
	put_string(&ca, ca_public, sizeof ca_public);
	put_string(blob, ca.data, ca.size);
	sign(blob, made->has_wrong_ca);
	if (made->has_trailing)
		put(blob, "", 1);
}

static int
verify(const struct bytes *blob, const char *sandbox_id, const char *address)
{
	/* Exactly as long as it is, for the sanitizer. */
	uint8_t *copy = malloc(blob->size + 1);
	const struct certificate_use use = {sandbox_id, address,
	    FIXTURE_NOW_MS};
	int r;

	assert(copy != NULL);
	copy = realloc(copy, blob->size > 0 ? blob->size : 1);
	memcpy(copy, blob->data, blob->size);
	err = (struct err){0};
	r = verify_certificate(store, copy, blob->size, &use, &certificate,
	    &found, &err);
	assert(r == 0 ? found.n > 0 : found.n == 0);
	assert(r == 0 || r == -EACCES);
	free(copy);
	return r;
}

static const struct made table[] = {
    {.what = "the usual one"},
    {.what = "host", .words = "not a user's", .type = 2},
    {.what = "type 3", .words = "not a user's", .type = 3},
    {.what = "no principals", .words = "no principal", .principals = ""},
    {.what = "other sandbox", .words = "no principal",
	.principals = SANDBOX_B},
    {.what = "this sandbox", .principals = SANDBOX_A},
    {.what = "no user name", .words = "no principal",
	.principals = "Ana a@b sb_nearly *"},
    {.what = "one of several", .principals = "A@b " SANDBOX_B " eve"},
    {.what = "too long a principal", .words = "no principal", .principals =
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {.what = "last second", .before_s = NOW_S + 1},
    {.what = "expired", .words = "expired", .before_s = NOW_S},
    {.what = "first second", .after_s = NOW_S},
    {.what = "not yet", .words = "not yet", .after_s = NOW_S + 1},
    {.what = "wrong signature", .words = "not signed", .has_wrong_ca = true},
    {.what = "trailing byte", .words = "malformed", .has_trailing = true},
    {.what = "unknown critical", .words = "critical option \"frob\"",
	.critical = "frob"},
    {.what = "unknown extension", .extensions = "frob"},
    {.what = "command twice", .words = "more than once",
	.critical = "force-command=a force-command=b"},
    {.what = "unsorted", .words = "out of order",
	.critical = "source-address=192.0.2.7 force-command=a"},
    {.what = "extension twice", .words = "more than once",
	.extensions = "permit-pty permit-pty"},
    {.what = "unsorted extensions", .words = "out of order",
	.extensions = "permit-pty permit-X11-forwarding"},
    {.what = "flag with a value", .words = "malformed value",
	.extensions = "permit-pty=yes"},
    {.what = "verify with a value", .words = "malformed value",
	.critical = "verify-required=yes"},
    {.what = "bytes after a value", .words = "malformed value",
	.critical = "force-command=true", .has_bad_value = true},
    {.what = "command without value", .words = "malformed value",
	.critical = "force-command"},
    {.what = "empty command", .words = "malformed value",
	.critical = "force-command="},
    {.what = "verify", .critical = "verify-required"},
    {.what = "from here", .critical = "source-address=10.0.0.0/8,192.0.2.7"},
    {.what = "from a prefix", .critical = "source-address=192.0.2.0/24"},
    {.what = "from elsewhere", .words = "not for clients",
	.critical = "source-address=192.0.2.8"},
    {.what = "from nowhere", .words = "not for clients",
	.critical = "source-address="},
    {.what = "from IPv6", .words = "not for clients",
	.critical = "source-address=::/0"},
    {.what = "bad address", .words = "not for clients",
	.critical = "source-address=192.0.2.7,example.org"},
    {.what = "negated address", .words = "not for clients",
	.critical = "source-address=!10.0.0.0/8,192.0.2.7"},
    {.what = "host bits", .words = "not for clients",
	.critical = "source-address=192.0.2.7/24"},
};

static void
test_table(void)
{
	static struct bytes blob;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int r;

		make(&table[i], &blob);
		r = verify(&blob, SANDBOX_A, ADDRESS);
		if ((r == 0) != (table[i].words == NULL) || (r < 0 &&
		    strstr(err.text, table[i].words) == NULL)) {
			printf("%s: %s\n", table[i].what,
			    r == 0 ? "accepted" : err.text);
			abort();
		}
	}
}

/* Whatever bit is turned and wherever it ends, nobody is let in. */
static void
test_damage(void)
{
	static struct bytes blob, damaged;

	make(&(struct made){.critical = "force-command=a",
	    .extensions = "permit-pty"}, &blob);
	assert(verify(&blob, SANDBOX_A, ADDRESS) == 0);
	for (size_t i = 0; i < blob.size; i++) {
		damaged = blob;
		damaged.data[i] ^= 1;
		assert(verify(&damaged, SANDBOX_A, ADDRESS) == -EACCES);
		damaged = blob;
		damaged.size = i;
		assert(verify(&damaged, SANDBOX_A, ADDRESS) == -EACCES);
	}
}

static void
test_rights(void)
{
	static struct bytes blob;
	static const struct {
		const char *critical, *extensions, *command;
		uint32_t rights;
	} rows[] = {
	    {"", "", "", RPC_RIGHTS_SSH & ~(uint32_t)FORWARDS},
	    {"", "permit-X11-forwarding permit-agent-forwarding "
		"permit-port-forwarding permit-pty", "", RPC_RIGHTS_SSH},
	    {"", "permit-port-forwarding", "",
		(RPC_RIGHTS_SSH & ~(uint32_t)FORWARDS) | RPC_RIGHT_FORWARD},
	    {"force-command=make_all", "permit-pty", "make all",
		(RPC_RIGHTS_SSH & ~(uint32_t)(FORWARDS | RPC_RIGHT_ROOT)) |
		RPC_RIGHT_PTY},
	    {"force-command=internal-sftp_-R", "", "internal-sftp",
		RPC_RIGHTS_SSH & ~(uint32_t)(FORWARDS | RPC_RIGHT_ROOT |
		RPC_RIGHT_SFTP_WRITE)},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		make(&(struct made){.critical = rows[i].critical,
		    .extensions = rows[i].extensions}, &blob);
		assert(verify(&blob, SANDBOX_A, ADDRESS) == 0);
		assert(found.rows[0].rights ==
		    (rows[i].rights == RPC_RIGHTS_SSH ? 0 : rows[i].rights));
		assert(certificate.rights == rows[i].rights);
		assert(strcmp(certificate.forced_command, rows[i].command) ==
		    0);
	}
}

static void
test_users(void)
{
	static struct bytes blob;
	int64_t id;

	make(&(struct made){.principals = "newcomer " SANDBOX_A}, &blob);
	assert(verify(&blob, "", ADDRESS) == 0 && found.n == 1);
	assert(found.rows[0].user_id == 0);
	assert(strcmp(found.rows[0].user, "newcomer") == 0);
	assert(found.rows[0].sandbox_id[0] == '\0');
	assert(user_find(store, "default", "newcomer", &id, &err) == -ENOENT);
	assert(verify_certificate_enrol(store, &found.rows[0], FIXTURE_NOW_MS,
	    &err) == 0);
	assert(user_find(store, "default", "newcomer", &id, &err) == 0);
	assert(found.rows[0].user_id == id);
	assert(verify(&blob, "", ADDRESS) == 0);
	assert(found.rows[0].user_id == id);
	make(&(struct made){.principals = SANDBOX_A}, &blob);
	assert(verify(&blob, "", ADDRESS) == -EACCES);
	assert(verify(&blob, SANDBOX_A, ADDRESS) == 0);
	assert(strcmp(found.rows[0].sandbox_id, SANDBOX_A) == 0);
	assert(found.rows[0].user[0] == '\0');
	assert(verify_certificate_enrol(store, &found.rows[0], FIXTURE_NOW_MS,
	    &err) == 0 && found.rows[0].user_id == 0);
	make(&(struct made){.key_id = ""}, &blob);
	assert(verify(&blob, SANDBOX_A, ADDRESS) == 0);
}

static int
expect_one(void *arg, const struct revocation *revocation)
{
	assert(*(int64_t *)arg == 0);
	*(int64_t *)arg = revocation->id;
	return 0;
}

/* Revokes the usual certificate, and takes it back. */
static void
check_revoked(const struct bytes *blob, const struct revocation *revocation)
{
	int64_t id = 0;

	assert(verify(blob, SANDBOX_A, ADDRESS) == -EACCES);
	assert(strstr(err.text, "revoked") != NULL);
	assert(revocation_list(store, "default", expect_one, &id, &err) == 0);
	assert(id == revocation->id);
	assert(revocation_remove(store, "other", id, &err) == -ENOENT);
	assert(revocation_remove(store, "default", id, &err) == 0);
	assert(revocation_remove(store, "default", id, &err) == -ENOENT);
	assert(verify(blob, SANDBOX_A, ADDRESS) == 0);
}

static void
test_revocation(const struct ca *ca)
{
	static struct bytes blob;
	struct revocation row;
	char key[SSH_KEY_FINGERPRINT_SIZE];

	make(&(struct made){}, &blob);
	assert(verify(&blob, SANDBOX_A, ADDRESS) == 0);
	ssh_key_fingerprint(certificate.key, certificate.key_size, key);
	assert(revocation_add_serial(store, "default", ca->id, 0,
	    FIXTURE_NOW_MS, &row, &err) == -EINVAL);
	assert(revocation_add_serial(store, "other", ca->id, 7,
	    FIXTURE_NOW_MS, &row, &err) == -ENOENT);
	assert(revocation_add_key_id(store, "default", "", FIXTURE_NOW_MS,
	    &row, &err) == -EINVAL);
	assert(revocation_add_fingerprint(store, "default", "SHA256:short",
	    FIXTURE_NOW_MS, &row, &err) == -EINVAL);

	assert(revocation_add_serial(store, "default", ca->id, 7,
	    FIXTURE_NOW_MS, &row, &err) == 0);
	assert(strcmp(row.value, "7") == 0 &&
	    strcmp(row.ca, ca->fingerprint) == 0);
	check_revoked(&blob, &row);
	assert(revocation_add_key_id(store, "default", "id of ana",
	    FIXTURE_NOW_MS, &row, &err) == 0);
	assert(revocation_add_key_id(store, "default", "id of ana",
	    FIXTURE_NOW_MS, &row, &err) == -EEXIST);
	row.id = 0;
	assert(revocation_list(store, "default", expect_one, &row.id, &err) ==
	    0);
	check_revoked(&blob, &row);
	assert(revocation_add_fingerprint(store, "default", key,
	    FIXTURE_NOW_MS, &row, &err) == 0);
	check_revoked(&blob, &row);
	assert(revocation_add_fingerprint(store, "default", ca->fingerprint,
	    FIXTURE_NOW_MS, &row, &err) == 0);
	assert(strcmp(row.value, ca->fingerprint) == 0);
	check_revoked(&blob, &row);
	/* Others of the kind change nothing. */
	assert(revocation_add_serial(store, "default", ca->id, 8,
	    FIXTURE_NOW_MS, &row, &err) == 0);
	assert(verify(&blob, SANDBOX_A, ADDRESS) == 0);
	assert(revocation_remove(store, "default", row.id, &err) == 0);
}

static void
run(const char *format, ...)
{
	char command[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof command, format, ap);
	va_end(ap);
	if (system(command) != 0) {
		printf("failed: %s\n", command);
		abort();
	}
}

/* The blob of a file as ssh-keygen writes it; also its line. */
static void
read_blob(const char *name, struct bytes *blob, char line[16384])
{
	char path[PATH_MAX + 16], *begin, *end;
	FILE *file;
	int n;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "r");
	assert(file != NULL && fgets(line, 16384, file) != NULL);
	fclose(file);
	begin = strchr(line, ' ') + 1;
	end = begin + strcspn(begin, " \n");
	n = EVP_DecodeBlock(blob->data, (unsigned char *)begin,
	    (int)(end - begin));
	assert(n > 0);
	blob->size = (size_t)n - (end[-1] == '=') - (end[-2] == '=');
}

/* One CA type over one key type, both by ssh-keygen. */
static void
check_keygen(const char *ca_type, const char *sign_option, const char *key,
    bool is_accepted)
{
	static struct bytes blob;
	static char line[16384];
	struct ca ca;

	run("cd %s && rm -f ca ca.pub && ssh-keygen -q -t %s -N '' -f ca && "
	    "ssh-keygen -q -s ca %s -I 'one id' -n ana,%s -z 5 -V -1m:+1m "
	    "-O force-command='echo hi' -O source-address=%s/32 %s.pub", dir,
	    ca_type, sign_option, SANDBOX_A, ADDRESS, key);
	read_blob("ca.pub", &blob, line);
	assert(ca_add(store, "default", "", line, FIXTURE_NOW_MS, &ca, &err) ==
	    0);
	snprintf(line, sizeof line, "%s-cert.pub", key);
	read_blob(strdupa(line), &blob, line);
	assert(certificate_is_one(blob.data, blob.size));
	assert(certificate_parse(blob.data, blob.size, &certificate, &err) ==
	    0);
	assert(certificate.serial == 5);
	assert(strcmp(certificate.key_id, "one id") == 0);
	assert(strcmp(certificate.forced_command, "echo hi") == 0);
	if ((certificate_check_signature(&certificate, &err) == 0) !=
	    is_accepted) {
		printf("%s %s by %s: %s\n", key, sign_option, ca_type,
		    err.text);
		abort();
	}
	assert(certificate_check_use(&certificate, (uint64_t)time(NULL),
	    ADDRESS, &err) == 0);
	assert(certificate_check_use(&certificate, (uint64_t)time(NULL),
	    "192.0.2.8", &err) == -EACCES);
	/* The certified key is the very key. */
	snprintf(line, sizeof line, "%s.pub", key);
	read_blob(strdupa(line), &blob, line);
	assert(blob.size == certificate.key_size &&
	    memcmp(blob.data, certificate.key, blob.size) == 0);
	assert(!certificate_is_one(blob.data, blob.size));
	assert(ca_remove(store, "default", ca.id, &err) == 0);
}

/* sk.pub and skec.pub: no device is needed to certify a security key. */
static void
write_security_keys(void)
{
	static struct bytes blob, sk;
	static char line[16384];
	unsigned char text[512];
	const char name[] = "sk-ecdsa-sha2-nistp256@openssh.com";

	run("cd %s && ssh-keygen -q -t ecdsa -b 256 -N '' -f k", dir);
	read_blob("k.pub", &blob, line);
	sk.size = 0;
	put_text(&sk, name);
	/* Curve and point follow the plain key's name. */
	put(&sk, blob.data + 4 + 19, blob.size - 4 - 19);
	put_text(&sk, "ssh:");
	EVP_EncodeBlock(text, sk.data, (int)sk.size);
	run("cd %s && echo '%s %s' >skec.pub && echo '%s' >sk.pub", dir, name,
	    text, SK_KEY);
}

static void
test_keygen(void)
{
	static const char *const types[] = {"ed25519", "ecdsa -b 256",
	    "ecdsa -b 384", "ecdsa -b 521", "rsa -b 2048"};

	if (access("/usr/bin/ssh-keygen", X_OK) != 0)
		return;
	run("cd %s && ssh-keygen -q -t ed25519 -N '' -f plain", dir);
	write_security_keys();
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		run("cd %s && rm -f k k.pub && ssh-keygen -q -t %s -N '' -f k",
		    dir, types[i]);
		check_keygen("ed25519", "", "k", true);
		check_keygen(types[i], "", "plain", true);
	}
	check_keygen("ed25519", "", "sk", true);
	check_keygen("ed25519", "", "skec", true);
	check_keygen("rsa -b 2048", "-t rsa-sha2-256", "plain", true);
	check_keygen("rsa -b 2048", "-t ssh-rsa", "plain", false);
	run("cd %s && rm -f ca* k* plain* sk*", dir);
}

static int
expect_ca(void *arg, const struct ca *ca)
{
	assert(strcmp(ca->fingerprint, ((struct ca *)arg)->fingerprint) == 0);
	assert(strcmp(ca->name, "ours") == 0);
	return 0;
}

static void
add_ca(struct ca *ca)
{
	struct bytes blob = {.size = 0};
	unsigned char text[256];
	char line[512];

	put_text(&blob, "ssh-ed25519");
	put_string(&blob, ca_public, sizeof ca_public);
	EVP_EncodeBlock(text, blob.data, (int)blob.size);
	snprintf(line, sizeof line, "ssh-ed25519 %s ours", text);
	assert(ca_add(store, "default", "", line, FIXTURE_NOW_MS, ca, &err) ==
	    0);
	assert(ca_add(store, "default", "", line, FIXTURE_NOW_MS, ca, &err) ==
	    -EEXIST);
	assert(ca_list(store, "default", expect_ca, ca, &err) == 0);
	assert(ca_remove(store, "other", ca->id, &err) == -ENOENT);
}

int
main(void)
{
	static struct bytes blob;
	uint8_t secret[32] = {9};
	size_t size = sizeof ca_public;
	int64_t org_id;
	struct ca ca;

	ca_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret,
	    sizeof secret);
	assert(EVP_PKEY_get_raw_public_key(ca_key, ca_public, &size) == 1);
	fixture_make(dir);
	store = fixture_open(dir);
	assert(org_add(store, "other", FIXTURE_NOW_MS, &org_id, &err) == 0);
	make(&(struct made){}, &blob);
	assert(verify(&blob, SANDBOX_A, ADDRESS) == -EACCES);
	assert(strstr(err.text, "unknown CA") != NULL);
	add_ca(&ca);
	test_table();
	test_damage();
	test_rights();
	test_users();
	test_revocation(&ca);
	test_keygen();
	assert(ca_remove(store, "default", ca.id, &err) == 0);
	assert(verify(&blob, SANDBOX_A, ADDRESS) == -EACCES);
	store_close(store);
	EVP_PKEY_free(ca_key);
	fixture_remove(dir);
	return 0;
}
