#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: what people do in a sandbox made with all defaults from a fresh "base".
# Each of these failed once, or told something that was not so.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the field'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
inside()
{
	sg_ssh -l "$id" sandbox "$@"
}

# What it has is what it is told.
assert_eq 'processes' "$(inside 'ulimit -u; cat /sys/fs/cgroup/pids.max \
    /sys/fs/cgroup/pids/pids.max 2>/dev/null')" $'4096\n4096'
assert_eq '400 threads' "$(inside python3 - <<'END'
import threading
event = threading.Event()
threads = [threading.Thread(target=event.wait) for n in range(400)]
for thread in threads:
    thread.start()
print(threading.active_count())
event.set()
END
)" 401

assert_eq 'sort of 320 MB' "$(inside 'yes "a line as good as another" |
    head -n 12500000 | sort -S 16M | wc -c; ls -A /tmp | wc -l')" \
    $'325000000\n0'

# Locales, as clients of other systems send them: nothing complains.
for locale in en_US.UTF-8 en_DE.UTF-8 de_DE.UTF-8 sr_RS.UTF-8@latin UTF-8; do
	assert_eq "$locale" "$(sg_ssh -o "SetEnv=LC_ALL=$locale" -l "$id" sandbox \
	    'perl -e "print qq(perl )"; bash -c "echo -n bash\ "; locale charmap
		python3 -c "print(chr(233))"' 2>&1)" $'perl bash UTF-8\n\u00e9'
done

# Archives keep owners, modes, links and times.
assert_eq 'tar' "$(sg_ssh -l "$id+root" sandbox 'set -e
	mkdir -p /tmp/tree/a; cd /tmp/tree; echo x >a/f; ln a/f a/hard
	ln -s f a/soft; cp /bin/true a/setuid; chmod 4755 a/setuid
	chown 1000:1000 a/f; mkfifo a/fifo; chmod 1777 a
	tar -C /tmp -cpf /workspace/tree.tar tree; mkdir /workspace/out
	tar -C /workspace/out -xpf /workspace/tree.tar
	look() { (cd "$1" && find . -printf "%p %y %m %u %g %n %l %TF\n" |
	    sort); }
	[ "$(look /tmp/tree)" = "$(look /workspace/out/tree)" ] && echo same
	rm -rf /tmp/tree /workspace/*')" same

(
	value=$(head -c 3000 /dev/zero | tr '\0' x)
	for ((n = 0; n < 60; n++)); do
		export "LC_V$n=$value"
	done
	assert_eq '60 variables of 3000 bytes' "$(sg_ssh -o 'SendEnv=LC_V*' \
	    -l "$id" sandbox 'env | grep -c "^LC_V.*x\{2999\}"')" 60
)
assert_eq 'ss' "$(inside 'ss -tulpn 2>&1 >/dev/null')" ''

assert_eq 'a virtual environment' "$(inside 'set -e
	python3 -m venv /tmp/venv; /tmp/venv/bin/pip --version | cut -d" " -f1
	rm -r /tmp/venv')" pip
assert_match 'ssh' "$(inside 'ssh -V' 2>&1)" '^OpenSSH_'

assert_eq 'a locale of its own' "$(inside 'locale -a | grep -x en_US.utf8')" \
    en_US.utf8
assert_eq 'folders of the manual' "$(inside \
    'ls -d /usr/share/man/man[1-8] | wc -l')" 8

# Packages with scripts that want a whole system: a JDK above all.
sg_ssh -l "$id+root" sandbox 'apt-get -q update' >"$tmp/apt" 2>&1 &&
    ! grep -E '^(W|E|Err)' "$tmp/apt" || {
	tail -n 5 "$tmp/apt"
	skip 'no Debian mirror can be reached from inside'
}
sg_ssh -l "$id+root" sandbox 'DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    install openjdk-17-jre-headless nodejs' >"$tmp/apt" 2>&1 || {
	tail -n 20 "$tmp/apt"
	fail 'apt-get install'
}
assert_eq 'nothing half installed' "$(inside 'dpkg --audit')" ''

# They take a part of 512 MiB, and of one CPU, and not of the host's.
assert_eq 'the heap of a JVM' "$(inside 'java -XX:+PrintFlagsFinal -version \
    2>/dev/null' | awk '$2 == "MaxHeapSize" { print $4 / 1048576 }')" 128
assert_match 'what a JVM sees' "$(inside 'java -XshowSettings:system -version' \
    2>&1)" 'Effective CPU Count: 1.*Memory Limit: 512.00M'
assert_eq 'what node sees' "$(inside 'node -p "process.constrainedMemory()"')" \
    $((512 << 20))
heap=$(inside 'node -p "v8.getHeapStatistics().heap_size_limit"')
[ "$heap" -lt $((512 << 20)) ] || fail "node takes a heap of $heap bytes"
