#!/usr/bin/env bash
# docs/records.md says of each flag what covers it in the words of the command, and names commands that there are.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=${REGESTA_BUILD:-$PWD/build}/bin:$PATH
page=docs/records.md
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() {
	echo "$page: $*" >&2
	exit 1
}
# What `show` and `list quarantine` say (cli/flags.c), and the last column of the table.
sed -nE 's/^\t\treturn _\("(.*)"\);$/\1/p' cli/flags.c | sort -u >"$place/command"
[ "$(wc -l <"$place/command")" -ge 10 ] || fail "cli/flags.c is not read as it is written"
sed -nE '/^## .*Flags, and what to do$/,/^## Refusals/ s/^\| `.* \| ([^|]+) \|$/\1/p' "$page" | sort -u >"$place/page"
diff "$place/command" "$place/page" >"$place/differences" || { cat "$place/differences" >&2; fail "the command says other things about flags than the page"; }
echo "ok each flag is explained as the command explains it"

regesta help --list >"$place/commands"
count=0
# shellcheck disable=SC2016
while read -r command; do
	awk -v words="$command" 'index(words " ", $0 " ") == 1 { found = 1 } END { exit !found }' "$place/commands" || fail "there is no command \"regesta $command\""
	count=$((count + 1))
done < <({ grep -oE '`regesta [^`]+`' "$page" | sed 's/^`regesta //' && sed -n '/^## .*Flags, and what to do$/,$ p' "$page" | grep -oE '`[a-z]+ [a-z -]+`' | tr -d '`' | grep -v '^regesta '; } | tr -d '`' | sort -u)
[ "$count" -ge 10 ] || fail "few commands are named: $count"
echo "ok $count commands that it names are there"
