"""Opens and makes JWEs with jwcrypto.

jwe.py open HOME LEDGER         every JWE in the ledger's payload store, with the key among HOME's identity files that it is for;
                                prints "CID KID KEY" for each; exit code 1 if one does not open or a damaged one does
jwe.py seal IDENTITY KEY        a compact JWE of the 32 bytes KEY (hex) for the sealing key in that file
"""
import base64
import hashlib
import json
import pathlib
import sys

import cbor2
from jwcrypto import jwe, jwk


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def recipients(path):
    """{kid: (public key, PEM)} of the X25519 keys in an identity file."""
    found = {}
    for block in path.read_text(encoding="ascii").split("\n\n"):
        purpose, public, pem = block.split("\n", 2)
        if purpose in ("purpose: seal", "purpose: recovery"):
            raw = bytes.fromhex(public.removeprefix("public: "))
            found[hashlib.sha256(cbor2.dumps([-31, raw])).hexdigest()] = (raw, pem)
    return found


def opened(token, pem):
    message = jwe.JWE(algs=["ECDH-ES+A256KW", "A256GCM"])
    message.deserialize(token, jwk.JWK.from_pem(pem.encode()))
    return message.plaintext, json.loads(message.objects["protected"])


def damaged(token):
    parts = token.split(".")
    for place, part in enumerate(parts):
        # Not the last character, whose lowest bits may mean nothing.
        for at in (0, len(part) // 2, len(part) - 2):
            other = "B" if part[at] == "A" else "A"
            yield ".".join([*parts[:place], part[:at] + other + part[at + 1:], *parts[place + 1:]])
    yield ".".join(parts[:4])


def refused(token, pem):
    try:
        opened(token, pem)
    except Exception:  # jwcrypto throws several
        return True
    return False


def open_all(home, ledger):
    keys = {}
    for path in sorted(pathlib.Path(home).rglob("*.pem")):
        keys.update(recipients(path))
    for path in sorted(pathlib.Path(ledger, "payload").glob("*/*/keys/*.jwe")):
        token, kid = path.read_text(encoding="ascii"), path.stem
        plaintext, header = opened(token, keys[kid][1])
        if header["kid"] != kid or len(plaintext) != 32:
            sys.exit(f"{path}: kid {header['kid']}, {len(plaintext)} bytes")
        strangers = [pem for other, (_, pem) in keys.items() if other != kid]
        if not all(refused(token, pem) for pem in strangers) or not strangers:
            sys.exit(f"{path} opens with another's key")
        if not all(refused(copy, keys[kid][1]) for copy in damaged(token)):
            sys.exit(f"{path} opens when it is damaged")
        print(path.parent.parent.name, kid, plaintext.hex())


def seal(identity, key):
    (kid, (raw, _)), = recipients(pathlib.Path(identity)).items()
    public = jwk.JWK(kty="OKP", crv="X25519", x=b64(raw))
    message = jwe.JWE(bytes.fromhex(key), json.dumps({"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": kid}))
    message.add_recipient(public)
    print(message.serialize(compact=True), end="")


{"open": open_all, "seal": seal}[sys.argv[1]](*sys.argv[2:])
