// SPDX-License-Identifier: Apache-2.0
#include "cli/ssh_key.h"

#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"

#define TYPE	   "ssh-ed25519"
#define COMMENT	   "sandgate"
#define BLOB_MAX   512
#define BLOCK	   8 /* of the cipher "none": what is padded to */
#define LINE_CHARS 70

#define PUBLIC_BYTES                                                           \
	(4 + sizeof TYPE - 1 + 4 + crypto_sign_ed25519_PUBLICKEYBYTES)

/* RFC 4251's strings and numbers; all that is put in is ours and short. */
struct blob {
	uint8_t data[BLOB_MAX];
	size_t size;
};

static void
put(struct blob *blob, const void *data, size_t size)
{
	memcpy(blob->data + blob->size, data, size);
	blob->size += size;
}

static void
put_u32(struct blob *blob, uint32_t value)
{
	const uint8_t bytes[] = {(uint8_t)(value >> 24),
	    (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

	put(blob, bytes, sizeof bytes);
}

static void
put_string(struct blob *blob, const void *data, size_t size)
{
	put_u32(blob, (uint32_t)size);
	put(blob, data, size);
}

static void
put_text(struct blob *blob, const char *text)
{
	put_string(blob, text, strlen(text));
}

static void
put_public(struct blob *blob,
    const uint8_t public_key[crypto_sign_ed25519_PUBLICKEYBYTES])
{
	put_text(blob, TYPE);
	put_string(blob, public_key, crypto_sign_ed25519_PUBLICKEYBYTES);
}

static void
put_private(struct blob *blob, const struct blob *public_blob,
    const uint8_t secret_key[crypto_sign_ed25519_SECRETKEYBYTES])
{
	struct blob inner = {.size = 0};
	const uint32_t check = randombytes_random();

	put_u32(&inner, check);
	put_u32(&inner, check);
	put(&inner, public_blob->data, public_blob->size);
	put_string(&inner, secret_key, crypto_sign_ed25519_SECRETKEYBYTES);
	put_text(&inner, COMMENT);
	for (uint8_t i = 1; inner.size % BLOCK != 0; i++)
		put(&inner, &i, 1);

	put(blob, "openssh-key-v1", sizeof "openssh-key-v1");
	put_text(blob, "none");
	put_text(blob, "none");
	put_text(blob, "");
	put_u32(blob, 1);
	put_string(blob, public_blob->data, public_blob->size);
	put_string(blob, inner.data, inner.size);
	sodium_memzero(&inner, sizeof inner);
}

int
ssh_key_file(const char *name, struct err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd >= 0 && fchmod(fd, S_IRUSR | S_IWUSR) == 0)
		return fd;
	err_errno(err, "memfd_create");
	fd_close(&fd);
	return -err->code;
}

static int
write_pem(int fd, const struct blob *blob, struct err *err)
{
	char text[sodium_base64_ENCODED_LEN(BLOB_MAX,
	    sodium_base64_VARIANT_ORIGINAL)];
	size_t n;
	int r = 0;

	sodium_bin2base64(text, sizeof text, blob->data, blob->size,
	    sodium_base64_VARIANT_ORIGINAL);
	n = strlen(text);
	if (dprintf(fd, "-----BEGIN OPENSSH PRIVATE KEY-----\n") < 0)
		r = -1;
	for (size_t at = 0; at < n && r == 0; at += LINE_CHARS)
		if (dprintf(fd, "%.*s\n", LINE_CHARS, text + at) < 0)
			r = -1;
	if (r == 0 && dprintf(fd, "-----END OPENSSH PRIVATE KEY-----\n") < 0)
		r = -1;
	sodium_memzero(text, sizeof text);
	return r < 0 ? err_errno(err, "the key's file") : 0;
}

int
ssh_key_make(char ret_public[SSH_KEY_PUBLIC_SIZE], struct err *err)
{
	uint8_t public_key[crypto_sign_ed25519_PUBLICKEYBYTES];
	uint8_t secret_key[crypto_sign_ed25519_SECRETKEYBYTES];
	struct blob public_blob = {.size = 0}, private_blob = {.size = 0};
	char text[sodium_base64_ENCODED_LEN(PUBLIC_BYTES,
	    sodium_base64_VARIANT_ORIGINAL)];
	int fd;

	if (sodium_init() < 0)
		return err_set(err, EIO, "libsodium does not begin");
	if ((fd = ssh_key_file("sandgate-key", err)) < 0)
		return fd;
	crypto_sign_ed25519_keypair(public_key, secret_key);
	put_public(&public_blob, public_key);
	put_private(&private_blob, &public_blob, secret_key);
	sodium_memzero(secret_key, sizeof secret_key);
	sodium_bin2base64(text, sizeof text, public_blob.data,
	    public_blob.size, sodium_base64_VARIANT_ORIGINAL);
	snprintf(ret_public, SSH_KEY_PUBLIC_SIZE, TYPE " %s " COMMENT, text);
	if (write_pem(fd, &private_blob, err) < 0)
		fd_close(&fd);
	sodium_memzero(&private_blob, sizeof private_blob);
	return fd >= 0 ? fd : -err->code;
}
