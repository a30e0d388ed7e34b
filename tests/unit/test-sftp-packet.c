// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/packet.h"

#include <assert.h>
#include <string.h>

static void
test_round_trip(void)
{
	uint8_t buffer[256];
	struct sftp_writer out = {buffer, 0, sizeof buffer};
	struct stat st = {.st_size = 1LL << 40, .st_uid = 7, .st_gid = 8,
	    .st_mode = 0100644, .st_atime = 1, .st_mtime = 2};
	struct sftp_attributes attributes;
	struct sftp_reader in;
	char text[16];

	sftp_put_u8(&out, 0xab);
	sftp_put_u32(&out, 0x01020304);
	sftp_put_u64(&out, 0x0102030405060708);
	sftp_put_text(&out, "words");
	sftp_put_stat(&out, &st);
	assert(buffer[1] == 1 && buffer[4] == 4);
	sftp_set_u32(&out, 1, 9);
	in = (struct sftp_reader){buffer, out.used, false};
	assert(sftp_get_u8(&in) == 0xab && sftp_get_u32(&in) == 9);
	assert(sftp_get_u64(&in) == 0x0102030405060708);
	sftp_get_text(&in, text, sizeof text);
	assert(strcmp(text, "words") == 0);
	sftp_get_attributes(&in, &attributes);
	assert(!in.is_bad && in.left == 0);
	assert(attributes.size == 1ULL << 40 && attributes.uid == 7 &&
	    attributes.permissions == 0100644 && attributes.mtime == 2);
}

static void
test_bad(void)
{
	static const uint8_t with_nul[] = {0, 0, 0, 3, 'a', 0, 'b'};
	static const uint8_t beyond[] = {0xff, 0xff, 0xff, 0xff, 'a'};
	static const uint8_t extended[] = {0x80, 0, 0, 0, 0xff, 0xff, 0xff,
	    0xff, 0, 0, 0, 0};
	struct sftp_reader in = {with_nul, sizeof with_nul, false};
	struct sftp_attributes attributes;
	char text[4];

	sftp_get_text(&in, text, sizeof text);
	assert(in.is_bad && text[0] == '\0');
	in = (struct sftp_reader){beyond, sizeof beyond, false};
	sftp_get_text(&in, text, sizeof text);
	assert(in.is_bad && sftp_get_u32(&in) == 0);
	/* Four billion extensions announced, none there: ends at once. */
	in = (struct sftp_reader){extended, sizeof extended, false};
	sftp_get_attributes(&in, &attributes);
	assert(in.is_bad);
	in = (struct sftp_reader){(const uint8_t *)"\0\0\0\4abcd", 8, false};
	sftp_get_text(&in, text, sizeof text);
	assert(in.is_bad);
}

int
main(void)
{
	test_round_trip();
	test_bad();
	return 0;
}
