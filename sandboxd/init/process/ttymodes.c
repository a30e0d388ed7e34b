// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/ttymodes.h"

#include <stdbool.h>
#include <unistd.h>

#define OP_END	      0
#define OP_ISPEED     128
#define OP_OSPEED     129
#define OP_LAST_KNOWN 159 /* 1 to 159 take one uint32 */

/* A client's way to say that a character is disabled. */
#define CHARACTER_NONE 255

struct character {
	uint8_t opcode;
	uint8_t slot;
};

static const struct character characters[] = {
    {1, VINTR}, {2, VQUIT}, {3, VERASE}, {4, VKILL}, {5, VEOF}, {6, VEOL},
    {7, VEOL2}, {8, VSTART}, {9, VSTOP}, {10, VSUSP}, {12, VREPRINT},
    {13, VWERASE}, {14, VLNEXT}, {16, VSWTC}, {18, VDISCARD},
};

struct flag {
	uint8_t opcode;
	uint8_t field; /* offset in struct termios: all four are tcflag_t */
	tcflag_t bits;
};

#define I_FLAG offsetof(struct termios, c_iflag)
#define O_FLAG offsetof(struct termios, c_oflag)
#define C_FLAG offsetof(struct termios, c_cflag)
#define L_FLAG offsetof(struct termios, c_lflag)

static const struct flag flags[] = {
    {30, I_FLAG, IGNPAR}, {31, I_FLAG, PARMRK}, {32, I_FLAG, INPCK},
    {33, I_FLAG, ISTRIP}, {34, I_FLAG, INLCR}, {35, I_FLAG, IGNCR},
    {36, I_FLAG, ICRNL}, {37, I_FLAG, IUCLC}, {38, I_FLAG, IXON},
    {39, I_FLAG, IXANY}, {40, I_FLAG, IXOFF}, {41, I_FLAG, IMAXBEL},
    {42, I_FLAG, IUTF8},
    {50, L_FLAG, ISIG}, {51, L_FLAG, ICANON}, {52, L_FLAG, XCASE},
    {53, L_FLAG, ECHO}, {54, L_FLAG, ECHOE}, {55, L_FLAG, ECHOK},
    {56, L_FLAG, ECHONL}, {57, L_FLAG, NOFLSH}, {58, L_FLAG, TOSTOP},
    {59, L_FLAG, IEXTEN}, {60, L_FLAG, ECHOCTL}, {61, L_FLAG, ECHOKE},
    {62, L_FLAG, PENDIN},
    {70, O_FLAG, OPOST}, {71, O_FLAG, OLCUC}, {72, O_FLAG, ONLCR},
    {73, O_FLAG, OCRNL}, {74, O_FLAG, ONOCR}, {75, O_FLAG, ONLRET},
    {90, C_FLAG, CS7}, {91, C_FLAG, CS8}, {92, C_FLAG, PARENB},
    {93, C_FLAG, PARODD},
};

#define N_OF(array) (sizeof(array) / sizeof *(array))

struct speed {
	uint32_t baud;
	speed_t code;
};

/* Those sshd knows; every other one becomes 9600. */
static const struct speed speeds[] = {
    {0, B0}, {50, B50}, {75, B75}, {110, B110}, {134, B134}, {150, B150},
    {200, B200}, {300, B300}, {600, B600}, {1200, B1200}, {1800, B1800},
    {2400, B2400}, {4800, B4800}, {9600, B9600}, {19200, B19200},
    {38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400},
};

static bool
apply_speed(uint8_t opcode, uint32_t baud, struct termios *tio)
{
	speed_t code = B9600;

	for (size_t i = 0; i < N_OF(speeds); i++)
		if (speeds[i].baud == baud)
			code = speeds[i].code;
	return (opcode == OP_ISPEED ? cfsetispeed(tio, code) :
	    cfsetospeed(tio, code)) == 0;
}

static bool
apply(uint8_t opcode, uint32_t value, struct termios *tio)
{
	if (opcode == OP_ISPEED || opcode == OP_OSPEED)
		return apply_speed(opcode, value, tio);
	for (size_t i = 0; i < N_OF(characters); i++)
		if (characters[i].opcode == opcode) {
			tio->c_cc[characters[i].slot] =
			    value == CHARACTER_NONE ? _POSIX_VDISABLE :
			    (cc_t)value;
			return true;
		}
	for (size_t i = 0; i < N_OF(flags); i++)
		if (flags[i].opcode == opcode) {
			tcflag_t *field = (tcflag_t *)(void *)
			    ((char *)tio + flags[i].field);

			if (value != 0)
				*field |= flags[i].bits;
			else
				*field &= ~flags[i].bits;
			return true;
		}
	return false;
}

size_t
ttymodes_apply(const uint8_t *data, size_t size, struct termios *tio)
{
	size_t n = 0;

	while (size >= 5 && *data != OP_END && *data <= OP_LAST_KNOWN) {
		uint32_t value = (uint32_t)data[1] << 24 |
		    (uint32_t)data[2] << 16 | (uint32_t)data[3] << 8 | data[4];

		n += apply(*data, value, tio);
		data += 5;
		size -= 5;
	}
	return n;
}
