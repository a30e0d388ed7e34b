# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# Both servers with other settings, for the scripts that compare those.

restart_reference()
{
	local pid

	read -r pid <"$SG_DIR/reference/pid"
	kill "$pid"
	sg_wait_for sg_is_dead "$pid"
	/usr/sbin/sshd -f "$SG_DIR/reference/sshd_config" "$@" \
	    -E "$SG_DIR/reference/log"
	sg_wait_for test -s "$SG_DIR/reference/pid"
}

restart_gateway()
{
	[ "$SG_MODE" = product ] || return 0
	sg_stop gateway
	sg_start gateway
	sg_wait_api || fail 'the gateway did not come back'
}

# settings LINES-OF-[ssh] SSHD-OPTION...: until the end of the script, or the
# next call.
settings()
{
	local lines=$1 option options=()

	shift
	[ -e "$tmp/conf" ] || {
		cp "$SG_CONF" "$tmp/conf"
		at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_gateway
		    restart_reference'
	}
	{
		cat "$tmp/conf"
		printf '[ssh]\n%s\n' "$lines"
	} >"$SG_CONF"
	for option in "$@"; do
		options+=(-o "$option")
	done
	restart_gateway
	restart_reference "${options[@]}"
}
