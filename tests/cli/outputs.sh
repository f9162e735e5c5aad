#!/usr/bin/env bash
# What `open` and `payload export` write, and where: modes, links, devices, and what is left after a kill.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh
new_ledger
mkdir -p in/sub
echo one >in/a.txt
echo two >in/sub/b.txt
quietly regesta submit in --study rare-01 --json
event=$(ids)

# ---- Modes
for mask in 000 022 077; do
	umask "$mask"
	works "open under umask $mask" regesta open "$event" --output "opened-$mask"
	works "export under umask $mask" regesta payload export "$event#0" --output "item-$mask.car"
	[ -z "$(find "opened-$mask" -type d ! -perm 700 -o -type f ! -perm 600)" ] || die "plaintext that others may read"
	[ "$(stat -c %a "item-$mask.car")" = 644 ] || die "the mode of a CAR depends on the umask"
	[ -z "$(find "$REGESTA_LEDGER/payload" -type d ! -perm 700 -o -type f ! -perm 600)" ] || die "payloads that others may read"
done
umask 022

# ---- Links
mkdir -p target elsewhere
ln -s "$place/elsewhere" target/sub
fails 7 "is a link" "a link in the folder where a sealed name goes" regesta open "$event" --output target
[ -z "$(ls elsewhere)" ] || die "something was written behind the link"
ln -s "$place/elsewhere" given
works "a link that the caller named is followed" regesta open "$event" --output given
[ -e elsewhere/sub/b.txt ] || die "it was not"
echo kept >kept
ln -s kept link
fails 7 "there already" "a link in the place of the file" regesta open "$event#0" --output link
works "replaced on demand" regesta open "$event#0" --output link --force
[ "$(cat kept)" = kept ] || die "it was written through the link"
[ ! -L link ] || die "the link is still there"
ln kept hard
works "a hard link too" regesta open "$event#0" --output hard --force
works "and for an export" regesta payload export "$event#0" --output kept
[ "$(cat hard)" = one ] || die "it was written through the link"
ln -s nowhere dangling
fails 7 "there already" "a link to nothing" regesta open "$event#0" --output dangling

# ---- What is no file
mkfifo pipe
for output in pipe elsewhere; do
	fails 7 "pipe, socket or device|is a folder" "open to $output" regesta open "$event#0" --output "$output" --force
	fails 7 "pipe, socket or device|is a folder" "export to $output" regesta payload export "$event#0" --output "$output"
done
[ -p pipe ] || die "the pipe was replaced"
# As /dev/stdout leads to one.
ln -s pipe to-pipe
fails 7 "pipe, socket or device" "open to a link to a pipe" regesta open "$event#0" --output to-pipe --force
fails 7 "is no file" "a receipt to a link to a pipe" regesta submit in --study rare-01 --again --receipt to-pipe
[ -L to-pipe ] || die "the link was replaced"
fails 9 "directory" "import of a folder" regesta payload import in
fails 3 "CAR" "import of a device" timeout 20 regesta payload import /dev/zero
fails 3 "pipe, socket or device" "the CID of a pipe" timeout 20 regesta cid pipe
fails 3 "pipe, socket or device" "the CID of a device" timeout 20 regesta cid /dev/zero

# ---- A kill
head -c 100000000 /dev/zero >large
quietly regesta submit large --study rare-01 --json
event=$(ids)
mkdir killed
for tenth in 0 1 2; do
	regesta open "$event#0" --output killed/large >"$out" 2>"$err" &
	pid=$!
	sleep "0.0$tenth"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	if [ -e killed/large ]; then
		cmp -s large killed/large || die "half a file under the name"
		rm killed/large
	fi
	# Where the file system has no nameless files a part of it stays, readable by its owner alone.
	[ -z "$(find killed -type f ! -perm 600)" ] || die "a part that others may read"
done
ok "killed while it opens: nothing half under the name"
