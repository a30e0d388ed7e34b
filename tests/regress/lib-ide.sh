# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# How editors work over ssh: their server is copied into the sandbox, started by
# a script on standard input that answers in marked lines, and reached through
# forwards of the connection, which stays open. The server is a real one, that
# of code-server.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib-client.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"

needs_npm
me=$SG_SANDBOX@127.0.0.1
marker=$(tr -d - </proc/sys/kernel/random/uuid)
# In the home folder; each test has its own.
ide_home=.ide-$marker

# ide_script SERVER-OPTION...: what the editor gives `sh` on standard input; it
# starts the server once, and says where it listens.
ide_script()
{
	cat <<-END
	mkdir -p $ide_home && cd $ide_home
	printf '%s: running\n' $marker
	if [ ! -d bin ]; then
		tar -xzf server.tar.gz && rm server.tar.gz || exit 23
	fi
	if ! { read -r pid <pid && kill -0 "\$pid"; } 2>/dev/null; then
		umask 077
		echo token-$marker >token
		nohup sh bin/code-server-oss --accept-server-license-terms \\
		    --connection-token-file token --user-data-dir data \\
		    --extensions-dir extensions ${*@Q} >log 2>&1 </dev/null &
		echo \$! >pid
	fi
	for n in \$(seq 3000); do
		grep -q 'agent listening on' log && break
		sleep 0.1
	done
	printf '%s: start\n' $marker
	printf 'listeningOn==%s==\n' \\
	    "\$(sed -n 's/.*agent listening on //p' log)"
	printf 'arch==%s==\nplatform==%s==\n' "\$(uname -m)" "\$(uname -s)"
	printf '%s: end\n' $marker
	END
}

# ide_upload: the server's archive, by scp, as where it cannot be downloaded.
ide_upload()
{
	ssh "$me" mkdir -p "$ide_home"
	timeout 300 scp -q "$(dirname "$npm")/vscode-server.tar.gz" \
	    "$me:$ide_home/server.tar.gz"
	at_exit 'ssh -o ControlPath=none "$me" "cd $ide_home && kill \$(cat pid)
	    sleep 0.3; rm -rf ~/$ide_home"'
}

# ide_connect OPTION... -- SERVER-OPTION...: the script over `ssh -T OPTION...`,
# which stays; sets connection (its pid) and listening.
ide_connect()
{
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rm -f "$tmp/in" "$tmp/out"
	mkfifo "$tmp/in"
	timeout 300 /usr/bin/ssh -F "$tmp/ssh_config" -T -o ControlPath=none \
	    "${options[@]}" "$me" sh <"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
	connection=$!
	at_exit "kill $connection"
	exec 7>"$tmp/in"
	ide_script "$@" >&7
	sg_wait_for grep -q "^$marker: end" "$tmp/out" ||
	    fail "no answer: $(cat "$tmp/out" "$tmp/err"; ssh "$me" \
	    "cat $ide_home/log")"
	listening=$(sed -n 's/^listeningOn==\(.*\)==$/\1/p' "$tmp/out")
}

# ide_get CURL-OPTION... PATH: from the server, as its page would.
ide_get()
{
	timeout 300 curl -sS "${@:1:$#-1}" "http://127.0.0.1:$port${*: -1}"
}
