"""Verifies trails and proofs of presence and absence, from docs/formats alone: evidence.py POLICY TILES FILE...

Written from trail.md, map.md, state.md, tree.md, block.md, entry.md, event.md, keys.md, checkpoint.md, policy.md and cbor.md, without the
project's code. Signatures are verified by others' libraries: Ed25519 by cryptography, ES256K by coincurve. Each file is verified,
then damaged in many ways, and each damaged copy must be refused. TILES are the same ledger's, to compare what is proved with what is entered.

Prints one line a file: "NAME: what it proves; N damaged copies refused". Exit code 1 if one is not as it should be.
"""
import base64
import binascii
import hashlib
import pathlib
import re
import sys

import coincurve
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import strict_cbor

TOKEN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
ZERO = bytes(32)
HEADS = 7


class Refused(Exception):
    pass


def need(true, why):
    if not true:
        raise Refused(why)


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def decimal(text, most=2**63 - 1):
    need(re.fullmatch(r"0|[1-9][0-9]{0,19}", text) and int(text) <= most, f"{text!r} is no number")
    return int(text)


def unbase64(text, length=None):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("base64") from error
    need(data and base64.b64encode(data).decode() == text, "base64 that is not in its one form")
    need(length is None or len(data) == length, f"base64 of {len(data)} bytes, not {length}")
    return data


def cbor(data):
    try:
        return strict_cbor.decode(data)
    except strict_cbor.Malformed as error:
        raise Refused(str(error)) from error


# ---- checkpoint.md, policy.md ----

def vkey(text):
    """(name, key id, type, public key)"""
    name, key_id, key = text.split("+", 2)
    key = unbase64(key)
    need(sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "a verifier key with another's id")
    return name, bytes.fromhex(key_id), key[0], key[1:]


class Policy:
    """Logs, witnesses and groups; everything that `regesta policy` writes."""

    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        for line in text.splitlines():
            items = line.split()
            if not items or items[0].startswith("#"):
                continue
            if items[0] == "log":
                self.logs.append(vkey(items[1]))
            elif items[0] == "witness":
                self.witnesses[items[1]] = vkey(items[2])
            elif items[0] == "group":
                members = items[3:]
                self.groups[items[1]] = ({"any": 1, "all": len(members)}.get(items[2]) or int(items[2]), members)
            elif items[0] == "quorum":
                self.quorum = items[1]
            else:
                raise Refused(f"a policy's line {line!r}")

    def met(self, name, cosigned):
        if name == "none":
            return True
        if name in self.witnesses:
            return name in cosigned
        least, members = self.groups[name]
        return sum(self.met(member, cosigned) for member in members) >= least


def ed25519(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Refused("a signature of the checkpoint does not verify") from error


def checkpoint(note, policy):
    """(origin, size, root) of a signed checkpoint that is valid under the policy."""
    need(len(note) <= 131072 and note.endswith("\n"), "a note that does not end in a line")
    need(not any(ord(c) < 0x20 and c != "\n" for c in note), "a control character")
    text, separator, signatures = note.rpartition("\n\n")
    need(separator, "no signatures")
    text += "\n"
    lines = text.split("\n")[:-1]
    need(len(lines) >= 3 and all(lines), "an empty line in the checkpoint")
    origin, size, root = lines[0], decimal(lines[1], 2**64 - 1), unbase64(lines[2], 32)
    logged, cosigned = False, set()
    lines = signatures.split("\n")[:-1]
    need(1 <= len(lines) <= 200, "no signatures, or too many")
    for line in lines:
        need(line.startswith("— ") and line.count(" ") == 2, "a line that is no signature")
        _, name, data = line.split(" ")
        data = unbase64(data)
        need(name and "+" not in name and len(data) >= 5, "a signature line without name or signature")
        for log_name, key_id, kind, key in policy.logs:
            if (log_name, key_id) == (name, data[:4]):
                need(kind == 1 and len(data) == 68, "a log's signature of another kind or length")
                ed25519(key, data[4:], text.encode())
                logged = logged or name == origin
        for witness, (witness_name, key_id, kind, key) in policy.witnesses.items():
            if (witness_name, key_id) == (name, data[:4]):
                need(kind == 4 and len(data) == 76, "a cosignature of another kind or length")
                time = int.from_bytes(data[4:12], "big")
                need(time < 2**63, "a cosignature's time")
                ed25519(key, data[12:], f"cosignature/v1\ntime {time}\n{text}".encode())
                cosigned.add(witness)
    need(logged, "no log of the policy has signed")
    need(policy.met(policy.quorum, cosigned), "the quorum is not met")
    return origin, size, root


# ---- tree.md ----

def leaf_hash(entry):
    return sha256(b"\0", entry)


def included(leaf, index, size, path, root):
    need(index < size, "an index beyond the tree")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        need(sn, "an inclusion proof that is too long")
        if fn & 1 or fn == sn:
            r = sha256(b"\1", p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\1", r, p)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "an inclusion proof that is too short")
    need(r == root, "an inclusion proof that leads elsewhere")


# ---- map.md ----

def bit(key, i):
    return key[i // 8] >> (7 - i % 8) & 1


def in_map(proof, root, key, value):
    """value None: absence is claimed."""
    need(len(proof) >= 3, "a map proof that is too short")
    depth = int.from_bytes(proof[:2], "big")
    need(depth <= 256, "a map proof that is too deep")
    end = 2 + (depth + 7) // 8
    bitmap = proof[2:end]
    need(len(bitmap) == end - 2, "a map proof that ends in its bitmap")
    beside = [bit(bitmap, i) for i in range(8 * len(bitmap))]
    need(not any(beside[depth:]), "a bit beyond the depth")
    need(depth == 0 or beside[depth - 1], "an end with nothing beside it")
    siblings = []
    for i in range(depth):
        if not beside[i]:
            siblings.append(ZERO)
            continue
        siblings.append(proof[end:end + 32])
        need(siblings[-1] != ZERO, "an empty sibling that is announced")
        end += 32
    kind, rest = proof[end:end + 1], proof[end + 1:]
    need(kind == b"\0" and rest == b"" or kind == b"\1" and len(rest) == 64, "a map proof of another length")
    if value is not None:
        need(rest == key + sha256(value), "the map proof does not end in this key and value")
    elif rest:
        need(rest[:32] != key, "the map has the key")
        need(all(bit(rest, i) == bit(key, i) for i in range(depth)), "a leaf that lies elsewhere")
    h = sha256(b"\2", rest) if rest else ZERO
    for i in reversed(range(depth)):
        h = sha256(b"\3", siblings[i], h) if bit(key, i) else sha256(b"\3", h, siblings[i])
    need(h == root, "the map proof leads to another root")


def map_key(table, study, reference, chunk):
    encoded = [strict_cbor.encode(table), strict_cbor.encode(study), reference or b"\xf6", strict_cbor.encode(chunk)]
    return sha256(b"\x84", *encoded)


# ---- entry.md, event.md, block.md ----

def event_signed(entry, key_bytes):
    """Checks the signature; returns the event's id."""
    value, key = cbor(entry), cbor(key_bytes)
    need(isinstance(value, list) and len(value) == 5 and value[0] == 1, "not the entry of an event")
    event = cbor(value[3])
    need(isinstance(event, strict_cbor.Tag) and event.number == 18 and len(event.item) == 4, "not a COSE_Sign1")
    protected, unprotected, payload, signature = event.item
    header = cbor(protected)
    need(unprotected == {} and isinstance(signature, bytes) and len(signature) == 64, "not a COSE_Sign1 of ours")
    need(isinstance(header, dict) and set(header) == {1, 3, 4, 15} and header[1] == -47, "another header")
    need(header[3] == "application/vnd.regesta.event+cbor", "another content type")
    need(isinstance(key, list) and len(key) == 3 and key[:2] == [1, -47] and isinstance(key[2], bytes), "not a key that signs")
    need(len(key[2]) == 33, "a key of another length")
    need(header[4] == sha256(strict_cbor.encode([key[1], key[2]])), "not the key that the event names")
    signed = strict_cbor.encode(["Signature1", protected, b"", payload])
    try:
        compact = coincurve.ecdsa.deserialize_compact(signature)
        good = coincurve.PublicKey(key[2]).verify(coincurve.ecdsa.cdata_to_der(compact), signed)
    except ValueError as error:
        raise Refused("a key or signature out of its range") from error
    need(good, "an event's signature does not verify")
    return sha256(signed)


def state_root(entry, index, size):
    value = cbor(entry)
    need(isinstance(value, list) and len(value) == 4 and value[0] == 2, "not a block entry")
    need(isinstance(value[3], dict) and set(value[3]) == set(range(1, 9)), "not a block")
    need(index + 1 == size, "the block entry is not the last leaf")
    return value[3][5]


# ---- trail.md ----

class Lines:
    def __init__(self, text):
        self.lines, self.at = text.split("\n"), 0

    def peek(self, word):
        return self.at < len(self.lines) and self.lines[self.at].split(" ")[0] == word

    def fields(self, word, count):
        need(self.peek(word), f"no {word} where one belongs")
        found = self.lines[self.at].split(" ")[1:]
        need(len(found) == count, f"{word} has {len(found)} fields")
        self.at += 1
        return found

    def maybe(self, word):
        return self.fields(word, 1)[0] if self.peek(word) else None

    def hashes(self):
        found = []
        while self.at < len(self.lines) and re.fullmatch(r"[A-Za-z0-9+/]{43}=", self.lines[self.at]):
            found.append(unbase64(self.lines[self.at], 32))
            self.at += 1
        need(len(found) <= 64, "an inclusion proof that is too long")
        return found

    def rest(self):
        need(self.at < len(self.lines) and self.lines[self.at] == "", "something else where the checkpoint belongs")
        return "\n".join(self.lines[self.at + 1:])


def read(data):
    """The file's parts as they stand."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("not UTF-8") from error
    lines = Lines(text)
    first = lines.lines[0]
    lines.at = 1
    file = {"trail": first == "regesta-trail@v1", "table": HEADS, "chunk": 0, "entries": []}
    need(file["trail"] or first == "regesta-state@v1", "another first line")
    if not file["trail"]:
        file["table"] = decimal(lines.fields("table", 1)[0])
    file["study"] = lines.fields("study", 1)[0] if file["trail"] else lines.maybe("study")
    need(file["study"] is None or TOKEN.match(file["study"]), "a study that is no token")
    reference = lines.fields("reference", 1)[0] if file["trail"] else lines.maybe("reference")
    file["reference"] = None if reference is None else unbase64(reference)
    if not file["trail"]:
        file["chunk"] = decimal(lines.fields("chunk", 1)[0])
    file["map"] = unbase64(lines.fields("map", 1)[0])
    value = lines.maybe("value")
    file["value"] = None if value is None else unbase64(value)
    index, block = lines.fields("block", 2)
    file["block"] = (decimal(index), unbase64(block), lines.hashes())
    while file["trail"] and lines.peek("entry"):
        index, entry, key = lines.fields("entry", 3)
        file["entries"].append((decimal(index), unbase64(entry), unbase64(key), lines.hashes()))
    file["note"] = lines.rest()
    return file


def claim(file):
    return file["table"], file["study"], file["reference"], file["chunk"]


ACTOR = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,63}\Z")
STUDY_TABLES = {4, 5, 6, 7, 9}


def well_formed(table, study, reference, chunk):
    """The forms of state.md, section 1."""
    need(1 <= table <= 11 and (study is not None) == (table in STUDY_TABLES), "no such table, or a study where none belongs")
    need(table != HEADS or chunk == 0, "a head has one chunk")
    value = None if reference is None else cbor(reference)
    if table in (1, 2):
        need(isinstance(value, str) and (TOKEN if table == 1 else ACTOR).match(value), "a reference that is no name")
    elif table in (4, 10, 11):
        need(reference is None, "a reference where none belongs")
    elif table == 5:
        need(isinstance(value, list) and len(value) == 2 and isinstance(value[0], bytes) and len(value[0]) == 32 and
             isinstance(value[1], int) and value[1] >= 0, "a reference that is no item")
    else:
        need(isinstance(value, bytes) and len(value) == 32, "a reference that is not 32 bytes")


def verify(data, policy):
    """What the file proves: (file's parts, index and leaf hash of each entry)"""
    file = read(data)
    well_formed(*claim(file))
    _, size, root = checkpoint(file["note"], policy)
    index, block, path = file["block"]
    included(leaf_hash(block), index, size, path, root)
    state = state_root(block, index, size)
    in_map(file["map"], state, map_key(file["table"], file["study"], file["reference"], file["chunk"]), file["value"])
    if not file["trail"]:
        return file, []
    leaves, before, chain = [], -1, ZERO
    for at, entry, key, path in file["entries"]:
        need(before < at < index, "entries that do not ascend")
        before = at
        leaf = leaf_hash(entry)
        included(leaf, at, size, path, root)
        event_signed(entry, key)
        chain = sha256(b"\4", chain, leaf)
        leaves.append((at, leaf))
    if file["value"] is None:
        need(not leaves, "entries without a head")
        return file, leaves
    need(leaves, "a head without entries")
    head = cbor(file["value"])
    need(head == [len(leaves), chain, leaves[-1][1]], "the entries are not those of the head")
    return file, leaves


def damaged(data):
    """Every few bytes a bit; each line left out, doubled, or exchanged with the next; each entry left out; the end cut or lengthened."""
    step = max(1, len(data) // 700)
    for place in range(0, len(data), step):
        copy = bytearray(data)
        copy[place] ^= 1
        yield bytes(copy)
    lines = data.split(b"\n")
    for at, line in enumerate(lines[:-1]):
        yield b"\n".join(lines[:at] + lines[at + 1:])
        # A witness may sign twice, so that its line may stand twice.
        if not line.startswith("—".encode()):
            yield b"\n".join(lines[:at] + [line] + lines[at:])
            if lines[at + 1] != line:
                yield b"\n".join(lines[:at] + [lines[at + 1], line] + lines[at + 2:])
        if line.startswith(b"entry "):
            end = next(i for i in range(at + 1, len(lines)) if lines[i] == b"" or lines[i].startswith(b"entry "))
            yield b"\n".join(lines[:at] + lines[end:])
            yield b"\n".join(lines[:at] + 2 * lines[at:end] + lines[end:])
    yield data[:-1]
    yield data + b"\n"
    yield data.replace(b"\n", b"\r\n")


def verified(data, policy):
    try:
        return verify(data, policy)[0]
    except Refused:
        return None



def entries(tiles):
    found = []
    for path in sorted(path for path in pathlib.Path(tiles, "tile", "entries").rglob("*") if path.is_file()):
        data = path.read_bytes()
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2:2 + length])
            data = data[2 + length:]
    return found


def words(file, leaves, log):
    """Compares with the log; says what was proved."""
    for index, leaf in leaves:
        need(leaf_hash(log[index]) == leaf, f"entry {index} is not the log's")
    what = f"table {file['table']}, study {file['study']}, {'no reference' if file['reference'] is None else file['reference'].hex()[:16]}"
    if file["trail"]:
        return f"{len(leaves)} entries concern {what}"
    if file["value"] is None:
        return f"nothing under {what}"
    # A record (state.md): facts in the order of the ledger, then the leaf hash of the last one's entry.
    facts, last = cbor(file["value"])
    need(1 <= len(facts) <= 64 and all(len(fact) == 5 for fact in facts), "a record that is none")
    need(last == leaf_hash(log[facts[-1][0]]), "a record whose last fact is of another entry")
    for index, time, _, kind, content in facts:
        need(cbor(log[index])[2] == time and isinstance(kind, int) and isinstance(content, dict), f"a fact that entry {index} does not say")
    return f"{len(facts)} facts under {what}"


def main():
    policy = Policy(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    log = entries(sys.argv[2])
    for path in map(pathlib.Path, sys.argv[3:]):
        data = path.read_bytes()
        try:
            said = words(*verify(data, policy), log)
        except Refused as error:
            sys.exit(f"{path.name}: refused: {error}")
        copies, claimed = 0, claim(read(data))
        for copy in damaged(data):
            found = verified(copy, policy)
            # Beside the key that has no value lie others that have none: the proof shows it of them too, and truly.
            if found is not None and found["value"] is None and claim(found) != claimed:
                continue
            if found is not None:
                sys.exit(f"{path.name}: a damaged copy verifies:\n{copy.decode('utf-8', 'replace')}")
            copies += 1
        print(f"{path.name}: {said}; {copies} damaged copies refused")


main()
