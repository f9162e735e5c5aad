"""Takes events out of receipts and trails, and damages them: event_cases.py GOOD BAD FILE...

Each line of GOOD and BAD is "INDEX ENTRY KEY": the ledger's index, entry and signer's public key in hex. In BAD one bit of the event
or of the key is wrong, or the signature's s is n - s, which is valid mathematics and must still be refused. The standard library alone.
"""
import base64
import sys

import strict_cbor

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def cases(path):
    """(index, entry, key) of each event in a receipt or trail."""
    lines = open(path, encoding="utf-8").read().split("\n")
    if lines[0] == "regesta-trail@v1":
        for line in lines:
            if line.startswith("entry "):
                _, index, entry, key = line.split(" ")
                yield int(index), base64.b64decode(entry), base64.b64decode(key)
        return
    extra = strict_cbor.sequence(base64.b64decode(lines[1].removeprefix("extra ")))
    if len(extra) == 2:
        yield int(lines[2].removeprefix("index ")), *extra


def damaged(entry, key):
    event = strict_cbor.decode(entry)[3]
    at = entry.index(event)
    # The whole of the signature, and enough of the rest to meet header, unprotected map and payload.
    places = set(range(0, len(event) - 64, 3)) | set(range(len(event) - 64, len(event)))
    for place in sorted(places):
        copy = bytearray(entry)
        copy[at + place] ^= 1
        yield bytes(copy), key
    for place in range(len(key)):
        copy = bytearray(key)
        copy[place] ^= 1
        yield entry, bytes(copy)
    s = ORDER - int.from_bytes(event[-32:], "big")
    yield entry[:at] + event[:-32] + s.to_bytes(32, "big") + entry[at + len(event):], key


def main():
    found = {}
    for path in sys.argv[3:]:
        for index, entry, key in cases(path):
            found[index] = (entry, key)
    with open(sys.argv[1], "w", encoding="ascii") as good, open(sys.argv[2], "w", encoding="ascii") as bad:
        for index, (entry, key) in sorted(found.items()):
            print(index, entry.hex(), key.hex(), file=good)
            for bad_entry, bad_key in damaged(entry, key):
                print(index, bad_entry.hex(), bad_key.hex(), file=bad)


main()
