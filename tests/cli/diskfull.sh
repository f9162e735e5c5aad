#!/usr/bin/env bash
# A full disk: a clear error, nothing lost, and everything works again once there is room.
# The ledger and the home lie on small file systems of their own, in a namespace of this script.
cd "$(dirname "$0")/../.." || exit
if [ -z "${IN_NAMESPACE:-}" ]; then
	for how in "unshare --mount" "unshare --mount --map-root-user"; do
		read -ra words <<<"$how"
		"${words[@]}" sh -c 'mount -t tmpfs -o size=1m none /mnt' 2>/dev/null || continue
		IN_NAMESPACE=1 "${words[@]}" "$0" "$@"
		exit
	done
	echo "skipped a full disk: a file system may not be mounted here, not even in a namespace"
	exit 0
fi
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
mkdir disk disk2
mount -t tmpfs -o size=24m none "$place/disk" || die "mount"
mount -t tmpfs -o size=24m none "$place/disk2" || die "mount"
trap 'cd /; umount "$place"/disk*; clean_up' EXIT
export REGESTA_LEDGER=$place/disk/ledger REGESTA_HOME=$place/disk2/home
new_ledger
head -c 3000000 /dev/urandom >large
head -c 500 /dev/urandom >small
submit() { # FILE: records its id in `acknowledged`
	regesta submit "$1" --study rare-01 --again --json >"$out" 2>"$err" </dev/null || return
	ids >>acknowledged
}
all_there() { # NAME
	local id
	[ "$(grep -c '' acknowledged)" -gt 0 ] || die "nothing was acknowledged"
	while read -r id; do
		regesta show "$id" >/dev/null 2>"$err" || die "$1: $id is lost"
	done <acknowledged
	ok "$1: all $(grep -c '' acknowledged) acknowledged events are there"
	audit_clean "$1"
}
# FILE WHAT: submits until there is no room; then 10 is the exit code, and nothing was recorded by the last attempt.
fill() {
	local code=0 before after i
	for i in $(seq 400); do
		before=$(entries)
		code=0
		submit "$1" || code=$?
		after=$(entries)
		[ "$code" -eq 0 ] || break
	done
	[ "$code" -eq 10 ] || die "$2: exit code $code after $i submissions"
	grep -qi "no .*room\|no space\|full" "$err" || die "$2: the error does not say that the disk is full"
	ok "$2: refused after $i submissions: $(cut -c 1-100 "$err")"
	[ "$before" = "$after" ] || die "$2: the refused submission left entries"
	ok "$2: the refused submission left no entry"
}
fill large "full of payloads"
all_there "full of payloads"
# What is left takes small ones, until not even these have room.
fill small "full to the last page"
all_there "full to the last page"
# Not even a page is left: the database itself has no room.
dd if=/dev/zero of="$place/disk/ballast" bs=4096 status=none 2>/dev/null
code=0
for i in $(seq 200); do
	before=$(entries)
	regesta study amend rare-01 --title "Title $i" --reason protocol-change --json >"$out" 2>"$err" || { code=$?; break; }
	ids >>acknowledged
done
[ "$code" -eq 10 ] || die "a database without room: exit code $code after $i events"
[ "$before" = "$(entries)" ] || die "a database without room: the refused event left entries"
ok "a database without room (exit 10 after $i events)"
all_there "a database without room"
rm "$place/disk/ballast"
mount -o remount,size=64m "$place/disk" || die "remount"
submit large || die "there is room again, but submission fails"
submit small || die "there is room again, but submission fails"
ok "it works again once there is room"
all_there "there is room again"

# The home is full: journal, register, record of what was signed.
dd if=/dev/zero of="$place/disk2/ballast" bs=4096 status=none 2>/dev/null
code=0
regesta participant enrol --study rare-01 --site s1 P-001 >"$out" 2>"$err" </dev/null || code=$?
{ [ "$code" -eq 10 ] || [ "$code" -eq 0 ]; } || die "enrolment with a full home: exit code $code"
ok "an enrolment with a full home (exit $code)"
code=0
submit large || code=$?
{ [ "$code" -eq 10 ] || [ "$code" -eq 0 ]; } || die "submission with a full home: exit code $code"
ok "a submission with a full home (exit $code)"
rm "$place/disk2/ballast"
regesta participant enrol --study rare-01 --site s1 P-001 >"$out" 2>"$err" </dev/null || [ $? -eq 7 ] || die "enrolment once there is room"
submit large || die "submission once there is room"
all_there "the home was full"

# Copies that do not fit.
mkdir disk3
mount -t tmpfs -o size=2m none "$place/disk3" || die "mount"
fails 10 "." "a backup that does not fit" regesta backup "$place/disk3/copy"
rm -rf "$place/disk3/copy"
fails 10 "." "an opened file that does not fit" regesta open "$(head -n 1 acknowledged)" --output "$place/disk3/opened"
[ ! -e "$place/disk3/opened" ] || die "half an opened file was left"
ok "no half of it is left"
audit_clean "copies that did not fit"
