# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the lint scripts share. A lint prints each finding as FILE:LINE: WORDS
# and exits 1 where there is one, 77 where its tool is missing. It reads all
# files with one program, not each with its own: on a busy machine starting
# programs is what takes the time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# files PATTERN...: files of the project that match shell patterns, new ones
# included, ignored ones not.
files() {
	if [ -e .git ]; then
		git ls-files -co --exclude-standard -- "$@" | sort -u |
		    while read -r file; do
			[ ! -f "$file" ] || printf '%s\n' "$file"
		done
	else
		local pattern
		for pattern in "$@"; do
			find . -path ./build -prune -o -type f \
			    -path "./${pattern}" -printf '%P\n'
		done | sort -u
	fi
}

# scripts: files that say they are for a shell.
scripts() {
	local line
	files '*' | while read -r file; do
		case ${file##*/} in
		*.sh) printf '%s\n' "$file" ;;
		*.*) ;;
		*)
			line=
			LC_ALL=C read -r -n 80 line <"$file" || :
			[[ ! $line =~ ^#!.*/(ba)?sh( |$) ]] ||
			    printf '%s\n' "$file"
			;;
		esac
	done
}

# each COMMAND...: runs it with the names on standard input as arguments, in
# as few runs as fit; not at all where there are none.
each() {
	LC_ALL=C xargs -r -d '\n' "$@"
}

# each_grep GREP-OPTION... PATTERN: FILE:LINE:TEXT of what it finds in the
# names on standard input; nothing found is no failure.
each_grep() {
	each grep -nH "$@" || [ $? -eq 123 ]
}

# texts: those of the names on standard input that hold text.
texts() {
	each grep -Il . || [ $? -eq 123 ]
}

# need TOOL: skips this lint where it is not installed.
need() {
	command -v "$1" >/dev/null || {
		echo "$1 is not installed"
		exit 77
	}
}

# none_found: reads findings; prints them and fails if there is any.
none_found() {
	local findings
	findings=$(cat)
	[ -z "$findings" ] || {
		printf '%s\n' "$findings"
		return 1
	}
}
