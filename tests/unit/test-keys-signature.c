// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures made by ssh-keygen are the reference: an SSHSIG file (OpenSSH's
 * PROTOCOL.sshsig) holds the same signature blob that user authentication
 * carries, over a message that can be rebuilt.
 */
#include "keys/signature.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bytes {
	uint8_t data[8192];
	size_t size;
};

static void
add(struct bytes *b, const void *data, size_t size)
{
	assert(b->size + size <= sizeof b->data);
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

static void
add_string(struct bytes *b, const void *data, size_t size)
{
	uint8_t prefix[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16),
	    (uint8_t)(size >> 8), (uint8_t)size};

	add(b, prefix, sizeof prefix);
	add(b, data, size);
}

static const uint8_t *
next_string(const uint8_t **p, size_t *ret_size)
{
	const uint8_t *at = *p + 4;

	*ret_size = (size_t)(*p)[0] << 24 | (size_t)(*p)[1] << 16 |
	    (size_t)(*p)[2] << 8 | (*p)[3];
	*p = at + *ret_size;
	return at;
}

static size_t
read_text(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert(f != NULL);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
	return n;
}

/* Decodes base64 without its line ends. */
static void
decode(const char *begin, const char *end, struct bytes *ret)
{
	char flat[8192] = "";
	size_t n = 0;
	int size;

	for (const char *p = begin; p < end; p++)
		if (*p != '\n')
			flat[n++] = *p;
	size = EVP_DecodeBlock(ret->data, (unsigned char *)flat, (int)n);
	assert(size > 0);
	ret->size = (size_t)size;
	while (n > 0 && flat[--n] == '=')
		ret->size--;
}

static void
run(const char *command)
{
	assert(system(command) == 0);
}

/* Makes a key of a type and a signature with it; returns the three parts. */
static void
make(const char *type, struct bytes *key, struct bytes *signature,
    struct bytes *message)
{
	char command[256], text[8192];
	struct bytes sshsig = {.size = 0};
	uint8_t hash[SHA512_DIGEST_LENGTH];
	const uint8_t *p;
	char *begin, *end;
	size_t size;

	snprintf(command, sizeof command,
	    "rm -f k* m*; ssh-keygen -q -t %s -N '' -f k && printf hello >m && "
	    "ssh-keygen -q -Y sign -f k -n test m 2>/dev/null", type);
	run(command);
	read_text("k.pub", text, sizeof text);
	begin = strchr(text, ' ') + 1;
	decode(begin, strchr(begin, ' '), key);
	read_text("m.sig", text, sizeof text);
	begin = strchr(text, '\n') + 1;
	end = strstr(begin, "-----END");
	decode(begin, end, &sshsig);
	p = sshsig.data + 6 + 4;
	for (int i = 0; i < 4; i++)
		next_string(&p, &size); /* key, namespace, reserved, hash */
	signature->size = 0;
	p = next_string(&p, &size);
	add(signature, p, size);
	message->size = 0;
	add(message, "SSHSIG", 6);
	add_string(message, "test", 4);
	add_string(message, "", 0);
	add_string(message, "sha512", 6);
	SHA512((const uint8_t *)"hello", 5, hash);
	add_string(message, hash, sizeof hash);
}

static int
verify(const struct bytes *key, const struct bytes *sig,
    const struct bytes *data)
{
	struct err err = {0};

	return signature_verify(key->data, key->size, sig->data, sig->size,
	    data->data, data->size, &err);
}

static void
test_type(const char *type)
{
	struct bytes key, sig, data, damaged;

	make(type, &key, &sig, &data);
	assert(verify(&key, &sig, &data) == 0);
	damaged = data;
	damaged.data[damaged.size - 1] ^= 1;
	assert(verify(&key, &sig, &damaged) == -EACCES);
	for (size_t i = 0; i < sig.size; i++) {
		damaged = sig;
		damaged.data[i] ^= 0x20;
		assert(verify(&key, &damaged, &data) < 0);
		damaged.size = i;
		assert(verify(&key, &damaged, &data) < 0);
	}
	for (size_t cut = 0; cut < key.size; cut++) {
		damaged = key;
		damaged.size = cut;
		assert(verify(&damaged, &sig, &data) < 0);
	}
}

/* A good signature that is not a user authentication request is refused. */
static void
test_userauth(void)
{
	struct bytes key, sig, data;
	struct signature_claim claim;
	struct err err = {0};

	make("ed25519", &key, &sig, &data);
	assert(signature_verify_userauth(&(struct signature_proof){
	    {key.data, key.size}, {key.data, key.size}, {sig.data, sig.size},
	    {data.data, data.size}}, &claim, &err) == -EBADMSG);
}

int
main(void)
{
	char dir[] = "/tmp/test-signature-XXXXXX";

	if (access("/usr/bin/ssh-keygen", X_OK) != 0)
		return 77;
	assert(mkdtemp(dir) != NULL && chdir(dir) == 0);
	test_type("ed25519");
	test_type("ecdsa -b 256");
	test_type("ecdsa -b 384");
	test_type("ecdsa -b 521");
	test_type("rsa -b 2048");
	test_userauth();
	run("rm -f k* m*");
	assert(chdir("/") == 0 && rmdir(dir) == 0);
	return 0;
}
