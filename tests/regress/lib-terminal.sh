# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# Emulators attached to terminals that stay, for the scripts terminal-*.sh.
# terminal is a name that no other test has.
terminal=t$$
at_exit 'sg_ssh root "pkill -KILL -f \"^sandbox-terminal $terminal\""'

# look N: screen_type, screen_wait and screen_show are about emulator N.
look()
{
	screen_socket=$tmp/tmux-$1
}

# attach N SUFFIX [COLUMNS ROWS]: emulator N, on the login with that suffix;
# what ssh returned stays on its screen.
attach()
{
	look "$1"
	tmux -S "$screen_socket" -f /dev/null new-session -d -x "${3:-80}" \
	    -y "${4:-24}" "TERM=screen ssh -F '$SG_SSH_CONFIG' \
	    -l '$SG_SANDBOX+$2' sandbox; echo status \$?; sleep 100"
	at_exit "tmux -S '$tmp/tmux-$1' kill-server"
}

# The same, and a prompt to wait for.
attach_new()
{
	attach "$@"
	screen_wait '[$#] *$'
	screen_type "PS1='ready> '; export LC_ALL=C.UTF-8; clear" Enter
	screen_wait '^ready> *$'
}

# resized ROWS COLUMNS: the terminal takes that size, asked until it has.
resized()
{
	local n

	for ((n = 0; n < 60; n++)); do
		screen_type 'clear; stty size' Enter
		sg_within 20 screen_has "^$1 $2" && return 0
	done
	fail "never $1 $2: $(screen_show)"
}

# vanish N: its ssh gets SIGKILL, and the emulator is gone.
vanish()
{
	look "$1"
	kill -KILL "$(sg_children "$(tmux -S "$screen_socket" display-message \
	    -p '#{pane_pid}')" ssh)" || fail 'no ssh to kill'
	tmux -S "$screen_socket" kill-server
}

# What emulator N shows, and above it what it keeps.
show_all()
{
	tmux -S "$tmp/tmux-$1" capture-pane -p -S -5000
}
