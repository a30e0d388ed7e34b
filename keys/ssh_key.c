// SPDX-License-Identifier: Apache-2.0
#include "keys/ssh_key.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "keys/range.h"

#define ACCEPTED_TEXT \
	"ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa, " \
	"sk-ssh-ed25519@openssh.com or sk-ecdsa-sha2-nistp256@openssh.com"

#define ED25519_SIZE 32

/* What follows the algorithm's name in the blob. */
enum key_form { FORM_ED25519, FORM_ECDSA, FORM_RSA };

struct algorithm {
	const char *name;
	enum key_form form;
	const char *curve;
	size_t point_size; /* of an uncompressed point */
	bool is_sk;	   /* an application string ends it */
};

static const struct algorithm algorithms[] = {
    {"ssh-ed25519", FORM_ED25519, NULL, 0, false},
    {"ecdsa-sha2-nistp256", FORM_ECDSA, "nistp256", 65, false},
    {"ecdsa-sha2-nistp384", FORM_ECDSA, "nistp384", 97, false},
    {"ecdsa-sha2-nistp521", FORM_ECDSA, "nistp521", 133, false},
    {"ssh-rsa", FORM_RSA, NULL, 0, false},
    {"sk-ssh-ed25519@openssh.com", FORM_ED25519, NULL, 0, true},
    {"sk-ecdsa-sha2-nistp256@openssh.com", FORM_ECDSA, "nistp256", 65, true},
};

static const struct algorithm *
find_algorithm(const char *name, size_t size)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (strlen(algorithms[i].name) == size &&
		    memcmp(algorithms[i].name, name, size) == 0)
			return &algorithms[i];
	return NULL;
}

/* Bits of a positive mpint in its shortest form; 0 for anything else. */
static size_t
mpint_bits(const struct range *mpint)
{
	const uint8_t *p = mpint->data;
	size_t size = mpint->size, bits;

	if (size > 0 && p[0] == 0) {
		p++;
		size--;
		if (size == 0 || !(p[0] & 0x80))
			return 0;
	} else if (size > 0 && (p[0] & 0x80)) {
		return 0;
	}
	if (size == 0)
		return 0;
	bits = size * 8;
	for (uint8_t top = p[0]; !(top & 0x80); top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static int
check_rsa(struct range *blob, struct err *err)
{
	struct range e, n;
	size_t bits;

	if (range_take_string(blob, &e) < 0 ||
	    range_take_string(blob, &n) < 0 ||
	    mpint_bits(&e) == 0 || mpint_bits(&n) == 0 ||
	    !(e.data[e.size - 1] & 1) || mpint_bits(&e) < 2)
		return err_set(err, EINVAL, "key: not a valid ssh-rsa key");
	bits = mpint_bits(&n);
	if (bits < SSH_KEY_RSA_BITS_MIN || bits > SSH_KEY_RSA_BITS_MAX)
		return err_set(err, EINVAL, "key: an RSA key of %zu bits; "
		    "%d to %d are allowed", bits, SSH_KEY_RSA_BITS_MIN,
		    SSH_KEY_RSA_BITS_MAX);
	return 0;
}

/* An RSA key's own check says what is wrong with it; the rest is a matter of
 * lengths. */
static int
check_blob(const struct algorithm *algorithm, struct range blob,
    struct err *err)
{
	struct range field;
	bool is_good = range_take_string(&blob, &field) == 0 &&
	    range_is(field, algorithm->name);
	int r;

	if (is_good && algorithm->form == FORM_RSA) {
		r = check_rsa(&blob, err);
		if (r < 0)
			return r;
	} else if (is_good && algorithm->form == FORM_ECDSA) {
		is_good = range_take_string(&blob, &field) == 0 &&
		    range_is(field, algorithm->curve) &&
		    range_take_string(&blob, &field) == 0 &&
		    field.size == algorithm->point_size && field.data[0] == 4;
	} else if (is_good) {
		is_good = range_take_string(&blob, &field) == 0 &&
		    field.size == ED25519_SIZE;
	}
	if (is_good && algorithm->is_sk)
		is_good = range_take_string(&blob, &field) == 0;
	if (!is_good || blob.size != 0)
		return err_set(err, EINVAL, "key: not a valid %s key",
		    algorithm->name);
	return 0;
}

int
ssh_key_check(const uint8_t *blob, size_t size, struct err *err)
{
	struct range rest = {blob, size}, name;
	const struct algorithm *algorithm;

	if (range_take_string(&rest, &name) < 0)
		return err_set(err, EINVAL, "key: not a public key");
	algorithm = find_algorithm((const char *)name.data, name.size);
	if (algorithm == NULL)
		return err_set(err, EINVAL, "key: \"%.*s\" is not an accepted "
		    "algorithm (%s)", (int)(name.size < 64 ? name.size : 64),
		    (const char *)name.data, ACCEPTED_TEXT);
	return check_blob(algorithm, (struct range){blob, size}, err);
}

/* Says why a line does not begin with an algorithm we take. */
static int
refuse_algorithm(const char *line, size_t word_size, struct err *err)
{
	char word[64];
	const char *p = line + word_size;

	snprintf(word, sizeof word, "%.*s", (int)word_size, line);
	if (strncmp(line, "-----BEGIN", 10) == 0 ||
	    strncmp(line, "---- BEGIN", 10) == 0)
		return err_set(err, EINVAL, "key: this is not an "
		    "authorized_keys line; give the one line of the .pub "
		    "file, never the private key");
	if (strstr(word, "-cert-v01@") != NULL)
		return err_set(err, EINVAL, "key: certificates are not "
		    "accepted; give the plain public key");
	for (; *p != '\0'; p += strcspn(p, " \t")) {
		p += strspn(p, " \t");
		if (find_algorithm(p, strcspn(p, " \t")) != NULL)
			return err_set(err, EINVAL, "key: options before the "
			    "key are not accepted; give \"algorithm base64 "
			    "[comment]\"");
	}
	return err_set(err, EINVAL, "key: \"%s\" is not an accepted algorithm "
	    "(%s)", word, ACCEPTED_TEXT);
}

static void
copy_comment(const char *text, char ret[SSH_KEY_COMMENT_SIZE])
{
	size_t n;

	text += strspn(text, " \t");
	snprintf(ret, SSH_KEY_COMMENT_SIZE, "%s", text);
	n = strlen(ret);
	while (n > 0 && strchr(" \t\r\n", ret[n - 1]) != NULL)
		ret[--n] = '\0';
}

int
ssh_key_parse(const char *line, struct ssh_key *ret, struct err *err)
{
	const struct algorithm *algorithm;
	const char *end;
	size_t word_size;
	int r;

	line += strspn(line, " \t");
	word_size = strcspn(line, " \t\r\n");
	if (word_size == 0)
		return err_set(err, EINVAL, "key: empty; give one line "
		    "\"algorithm base64 [comment]\"");
	algorithm = find_algorithm(line, word_size);
	if (algorithm == NULL)
		return refuse_algorithm(line, word_size, err);
	line += word_size;
	if (line[strcspn(line, "\r\n")] != '\0' &&
	    line[strcspn(line, "\r\n") +
	    strspn(line + strcspn(line, "\r\n"), "\r\n")] != '\0')
		return err_set(err, EINVAL, "key: more than one line");
	line += strspn(line, " \t");
	word_size = strcspn(line, " \t\r\n");
	if (sodium_base642bin(ret->blob, sizeof ret->blob, line, word_size,
	    NULL, &ret->blob_size, &end, sodium_base64_VARIANT_ORIGINAL) < 0 ||
	    end != line + word_size || word_size == 0)
		return err_set(err, EINVAL, "key: what follows %s is not "
		    "base64 of at most %d bytes", algorithm->name,
		    SSH_KEY_BLOB_MAX);
	r = check_blob(algorithm, (struct range){ret->blob, ret->blob_size},
	    err);
	if (r < 0)
		return r;
	snprintf(ret->algorithm, sizeof ret->algorithm, "%s", algorithm->name);
	copy_comment(line + word_size, ret->comment);
	ssh_key_fingerprint(ret->blob, ret->blob_size, ret->fingerprint);
	return 0;
}

void
ssh_key_fingerprint(const uint8_t *blob, size_t size,
    char ret[SSH_KEY_FINGERPRINT_SIZE])
{
	uint8_t digest[crypto_hash_sha256_BYTES];
	static const char prefix[] = "SHA256:";

	crypto_hash_sha256(digest, blob, size);
	memcpy(ret, prefix, sizeof prefix);
	sodium_bin2base64(ret + sizeof prefix - 1,
	    SSH_KEY_FINGERPRINT_SIZE - (sizeof prefix - 1), digest,
	    sizeof digest, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}
