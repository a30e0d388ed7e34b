// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/sshfp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* What `ssh-keygen -r` and `ssh-keygen -l` say of the same keys. */
static void
test_known(void)
{
	static const struct {
		const char *line, *algorithm, *fingerprint, *digest;
		unsigned int number;
	} rows[] = {
	    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN/qeWru48eso60+v/4CmWLnnl"
		"ChBpn9Fbdt2bU2E63S", "ssh-ed25519",
		"SHA256:Up3ge+6lJ7v/SCMN/skliOvZtcvIGFmw5UvYqjfq2PA",
		"529de07beea527bbff48230dfec92588ebd9b5cbc81859b0e54bd8aa37ea"
		"d8f0", 4},
	    {"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzd"
		"HAyNTYAAABBBOZ4FPbXQTCjf0drHHmiNSSHCC52asiuTdANDVFCiklEhosW"
		"dCprRcxbP5vD/BjRprS8zx1djII45xfVX+5dq9A= a comment",
		"ecdsa-sha2-nistp256",
		"SHA256:443q16njqcoIN2kq/zEeioKLZQuHCdXyY0pXFfIf9uU",
		"e38dead7a9e3a9ca0837692aff311e8a828b650b8709d5f2634a5715f21f"
		"f6e5", 3},
	};
	struct sshfp key;
	struct err err;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert(sshfp_compute(rows[i].line, &key, &err) == 0);
		assert(strcmp(key.algorithm, rows[i].algorithm) == 0);
		assert(strcmp(key.fingerprint, rows[i].fingerprint) == 0);
		assert(strcmp(key.digest, rows[i].digest) == 0);
		assert(key.number == rows[i].number);
	}
}

static void
test_refusals(void)
{
	static const char *const lines[] = {"", "ssh-ed25519", "ssh-ed25519 ",
	    "ssh-ed25519 ?", "ssh-future AAAA"};
	struct sshfp key;
	struct err err;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert(sshfp_compute(lines[i], &key, &err) == -EINVAL);
}

int
main(void)
{
	test_known();
	test_refusals();
	return 0;
}
