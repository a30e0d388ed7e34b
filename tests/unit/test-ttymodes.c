// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/ttymodes.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

static struct termios
apply(const uint8_t *data, size_t size, size_t n_expected)
{
	struct termios tio = {.c_lflag = ECHO | ICANON, .c_oflag = OPOST};

	assert(ttymodes_apply(data, size, &tio) == n_expected);
	return tio;
}

int
main(void)
{
	static const uint8_t usual[] = {
	    1, 0, 0, 0, 3,	     /* VINTR ^C */
	    3, 0, 0, 0, 0x7f,	     /* VERASE */
	    10, 0, 0, 0, 255,	     /* VSUSP: none */
	    53, 0, 0, 0, 0,	     /* no ECHO */
	    36, 0, 0, 0, 1,	     /* ICRNL */
	    72, 0, 0, 0, 1,	     /* ONLCR */
	    42, 0, 0, 0, 1,	     /* IUTF8 */
	    128, 0, 0, 0x96, 0,	     /* 38400 in */
	    129, 0, 0, 0x96, 0,	     /* 38400 out */
	    99, 1, 2, 3, 4,	     /* unknown: skipped */
	    0, 53, 0, 0, 0, 1, 1, 1, /* the end; nothing after it counts */
	};
	static const uint8_t beyond[] = {160, 0, 0, 0, 1, 53, 0, 0, 0, 0};
	static const uint8_t odd_speed[] = {129, 0, 0, 0x30, 0x39};
	struct termios tio = apply(usual, sizeof usual, 9);

	assert(tio.c_cc[VINTR] == 3 && tio.c_cc[VERASE] == 0x7f);
	assert(tio.c_cc[VSUSP] == _POSIX_VDISABLE);
	assert((tio.c_lflag & (ECHO | ICANON)) == ICANON);
	assert((tio.c_iflag & (ICRNL | IUTF8)) == (ICRNL | IUTF8));
	assert((tio.c_oflag & (OPOST | ONLCR)) == (OPOST | ONLCR));
	assert(cfgetispeed(&tio) == B38400 && cfgetospeed(&tio) == B38400);
	/* A speed nobody knows is 9600, as with sshd. */
	tio = apply(odd_speed, sizeof odd_speed, 1);
	assert(cfgetospeed(&tio) == B9600);
	/* Opcodes of 160 and up end the list; a cut one is not read. */
	tio = apply(beyond, sizeof beyond, 0);
	assert((tio.c_lflag & ECHO) != 0);
	(void)apply(usual, 4, 0);
	(void)apply(usual, 0, 0);
	return 0;
}
