#!/usr/bin/env bash
# docs/requirements.md: every command, option, record and file that it names is there, every requirement has its row, every row its verdict.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=${REGESTA_BUILD:-$PWD/build}/bin:$PATH
page=docs/requirements.md
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() {
	echo "$page: $*" >&2
	exit 1
}
regesta help --list >"$place/commands"
# shellcheck disable=SC2016
grep -oE '`[^`]+`' "$page" | tr -d '`' | sort -u >"$place/spans"

count=0
while read -r _ words; do
	# The longest name of a command that the words begin with; what is left must be its options, or words that its help knows.
	command=$(awk -v words="$words" 'index(words " ", $0 " ") == 1 && length > length(best) { best = $0 } END { print best }' "$place/commands")
	[ -n "$command" ] || fail "there is no command \"regesta $words\""
	# shellcheck disable=SC2086
	regesta help $command >"$place/help"
	for word in ${words#"$command"}; do
		case $word in
		--*) grep -qE -- "^  $word( |\$)" "$place/help" || fail "\"regesta $command\" has no option $word" ;;
		*) grep -qE -- "(^|[^a-z-])$word([^a-z-]|\$)" "$place/help" || grep -qF "\`$word\`" docs/records.md || fail "\"regesta $command\" knows no \"$word\"" ;;
		esac
	done
	count=$((count + 1))
done < <(grep '^regesta ' "$place/spans")
[ "$count" -ge 60 ] || fail "few commands are named: $count"
echo "ok $count commands and their options are there"

count=0
while read -r path; do
	[ -e "$path" ] || fail "there is no $path"
	count=$((count + 1))
done < <(grep -E '^(tests|docs|cli|ledger)/' "$place/spans")
[ "$count" -ge 30 ] || fail "few tests are named: $count"
echo "ok $count tests are there"

while read -r kind; do grep -qF "<a id=\"$kind\"></a>" docs/records.md || fail "there is no kind $kind"; done < <(grep -E '^[a-z]+\.[a-z]+$' "$place/spans")
echo "ok the kinds are there"
while read -r name; do [ -e "docs/$name" ] || fail "there is no docs/$name"; done < <(grep -oE '\]\([a-z-]+\.md\)' "$page" | tr -d ']()')
echo "ok the pages are there"

grep -E '^\| [0-9]' "$page" >"$place/rows"
while read -r row; do
	grep -qE '\| (met|in part|procedure|not met) \|$' <<<"$row" || fail "no verdict: ${row:0:60}"
	[ "$(tr -cd '|' <<<"$row" | wc -c)" -eq 6 ] || fail "not five columns: ${row:0:60}"
	# What is said to be met is shown by something.
	# shellcheck disable=SC2016
	if grep -qE '\| (met|in part) \|$' <<<"$row"; then grep -qF '`tests/' <<<"$row" || fail "shown by nothing: ${row:0:60}"; fi
done <"$place/rows"
for wanted in 4.1.1 4.1.3 4.1.4 4.2.1 '4.2.2 (a)(i)' '4.2.2 (a)(ii)' '4.2.2 (a)(iii)' '4.2.2 (b)' '4.2.2 (c)' '4.2.2 (d)' '4.2.2 (e)' 4.2.3 4.2.4 4.2.5 4.2.6 4.2.7 4.2.8 \
	4.3.1 4.3.2 '4.3.3 (a)' '4.3.3 (c)' 4.3.4 4.3.5 4.3.6 4.3.7 4.3.8 \
	'11.10(a)' '11.10(b)' '11.10(c)' '11.10(d)' '11.10(e)' '11.10(f)' '11.10(g)' '11.10(h)' '11.10(i)' '11.10(j)' '11.10(k)' '11.50(a)' '11.50(b)' 11.70 '11.100(a)' '11.200(a)' '11.300(a)' \
	'7(1)' '7(2)' '7(3)' '7(4)' 15 16 '17(1)' '17(3)' 18 19 20 21 '89(1)'; do
	grep -qF -e "| $wanted |" -e "| $wanted, " "$place/rows" || fail "there is no row for $wanted"
done
echo "ok every requirement has a row, and every row a verdict"
