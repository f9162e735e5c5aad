"""Verifies events with cbor2 and coincurve (libsecp256k1): event.py CASES

CASES is what event_cases.py writes. Prints for each line "INDEX ID", or "INDEX refused: why".
"""
import hashlib
import io
import sys

import cbor2
import coincurve


def refuse_unless(true, why):
    if not true:
        raise ValueError(why)


def whole(data):
    stream = io.BytesIO(data)
    value = cbor2.CBORDecoder(stream).decode()
    refuse_unless(stream.read() == b"", "something follows the item")
    return value


def verify(entry_bytes, key_bytes):
    entry, key = whole(entry_bytes), whole(key_bytes)
    refuse_unless(isinstance(entry, list) and len(entry) == 5 and entry[0] == 1, "not the entry of an event")
    tagged = whole(entry[3])
    refuse_unless(isinstance(tagged, cbor2.CBORTag) and tagged.tag == 18, "not a COSE_Sign1")
    protected, unprotected, payload, signature = tagged.value
    refuse_unless(unprotected == {}, "an unprotected header")
    header = whole(protected)
    refuse_unless(header[1] == -47, "not ES256K")
    refuse_unless(header[3] == "application/vnd.regesta.event+cbor", "another content type")
    refuse_unless(isinstance(key, list) and key[:2] == [1, -47] and len(key) == 3, "not a key that signs")
    kid = hashlib.sha256(cbor2.dumps([key[1], key[2]])).digest()
    refuse_unless(header[4] == kid, "another key")
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    refuse_unless(len(signature) == 64, "a signature of another length")
    der = coincurve.ecdsa.cdata_to_der(coincurve.ecdsa.deserialize_compact(signature))
    # libsecp256k1 refuses a high s and takes no hash other than the one it is given.
    refuse_unless(coincurve.PublicKey(key[2]).verify(der, signed, coincurve.utils.sha256), "the signature does not verify")
    refuse_unless(r > 0 and s > 0, "an empty signature")
    return hashlib.sha256(signed).hexdigest()


def main():
    for line in open(sys.argv[1], encoding="ascii"):
        index, entry, key = line.split()
        try:
            print(index, verify(bytes.fromhex(entry), bytes.fromhex(key)))
        except Exception as error:  # what a library throws at damaged bytes is its own affair
            print(index, "refused:", " ".join(str(error).split()))


main()
