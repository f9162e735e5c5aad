"""Holds everything in a ledger's tiles against the schema with pycddl: schema.py SCHEMA TILES

Prints how many structures it accepted and how many damaged copies it refused; exit code 1 if it is otherwise.
"""
import collections
import pathlib
import sys

import cbor2
import pycddl

# Members that may be missing at the top of a structure; all others may not.
OPTIONAL = {
    "event-payload": {8, 9, 10}, "capacity": {2, 3, 4}, "outcome": {2, 3, 4}, "data-item": {5, 6},
    "data-submit": {2}, "data-derive": {2, 5, 6}, "actor-assign": {6}, "actor-rotate": {3},
    "actor-revoke": {3}, "study-amend": {2, 4, 5}, "dataset-freeze": {4}, "governance-propose": {2, 3, 4, 5},
    "study-register": {6, 7},
}
FIXED = {32, 33, 36, 64}  # lengths of byte strings that the schema fixes


def entries(tiles):
    """All entries in order: bundles of entries, each behind its length in two bytes."""
    folder = pathlib.Path(tiles) / "tile" / "entries"
    bundles = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in bundles:
        data = path.read_bytes()
        while data:
            length = int.from_bytes(data[:2], "big")
            yield data[2:2 + length]
            data = data[2 + length:]


def enrolment(signed, payload_rule):
    protected, _, payload, _ = cbor2.loads(signed).value
    return [("signed-enrolment", signed), ("enrolment-header", protected), (payload_rule, payload)]


def structures(entry):
    """(rule, bytes) of an entry and of all that lies in its byte strings."""
    found = [("entry", entry)]
    value = cbor2.loads(entry)
    if value[0] == 0:
        found += [("genesis-entry", entry), ("genesis", cbor2.dumps(value[3]))]
        for organisation in value[3][3]:
            found.append(("founding-organisation", cbor2.dumps(organisation)))
            found += enrolment(organisation[5], "founder")
        found += [("node", cbor2.dumps(node)) for node in value[3][4]]
        found.append(("governance", cbor2.dumps(value[3][5])))
    elif value[0] == 1:
        protected, _, payload, _ = cbor2.loads(value[3]).value
        found += [("event-entry", entry), ("event", value[3]), ("event-header", protected), ("event-payload", payload)]
        found.append(("outcome", cbor2.dumps(value[4])))
        event = cbor2.loads(payload)
        found.append((event[2].replace(".", "-"), cbor2.dumps(event[11])))
        found.append(("capacity", cbor2.dumps(event[6])))
        if event[2] in ("data.submit", "data.derive"):
            found += [("data-item", cbor2.dumps(item)) for item in event[11][1]]
        found += [("ref", cbor2.dumps(ref)) for ref in event.get(9, [])]
        if event[2] == "governance.propose":
            found.append(("organisation", cbor2.dumps(event[11][2])))
            found += enrolment(event[11][2][6], "enrolment")
        if event[2] in ("actor.enrol", "actor.rotate"):
            found += enrolment(event[11][3 if event[2] == "actor.enrol" else 2], "enrolment")
    else:
        found += [("block-entry", entry), ("block", cbor2.dumps(value[3]))]
    return found


def damaged(value):
    """Copies of a value with one thing wrong, at any depth."""
    if value is None:
        return
    if isinstance(value, (int, str)):
        yield []
    elif isinstance(value, bytes):
        yield []
        if len(value) in FIXED:
            yield value[:-1]
            yield value + b"\0"
    elif isinstance(value, dict):
        for key in value:
            for bad in damaged(value[key]):
                yield {**value, key: bad}
    elif isinstance(value, cbor2.CBORTag):
        yield value.value
        yield cbor2.CBORTag(value.tag + 1, value.value)
        for bad in damaged(value.value):
            yield cbor2.CBORTag(value.tag, bad)
    else:
        # pycddl looks at the first alone where a list is one of lists.
        places = 1 if value and all(isinstance(one, list) for one in value) else len(value)
        for place, one in enumerate(value[:places]):
            for bad in damaged(one):
                yield [*value[:place], bad, *value[place + 1:]]


def damaged_copies(rule, data):
    value = cbor2.loads(data)
    for bad in damaged(value):
        yield cbor2.dumps(bad)
    if isinstance(value, dict):
        # At the top alone, and not in an empty map: pycddl overlooks it there, and in a map that lies in an array.
        if value:
            yield cbor2.dumps({**value, 99: 0})
        for key in value.keys() - OPTIONAL.get(rule, set()):
            yield cbor2.dumps({k: v for k, v in value.items() if k != key})
    elif isinstance(value, list):
        yield cbor2.dumps(value[:-1])
        yield cbor2.dumps([*value, 0])
    yield data[:-1]
    yield b""


def accepts(schema, data):
    try:
        schema.validate_cbor(data)
    except Exception:  # pycddl throws several
        return False
    return True


def main():
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    schemas, wrong = {}, 0
    accepted, refused, seen = collections.Counter(), 0, set()
    for entry in entries(sys.argv[2]):
        for rule, data in structures(entry):
            if rule not in schemas:
                schemas[rule] = pycddl.Schema(f"start = {rule}\n{text}")
            if not accepts(schemas[rule], data):
                print(f"refused, as {rule}: {data.hex()}")
                wrong += 1
            accepted[rule] += 1
            # One of each kind and shape is damaged, not each of hundreds.
            value = cbor2.loads(data)
            shape = (rule, value[2] if rule == "event-payload" else tuple(value) if isinstance(value, dict) else value[0] if isinstance(value, list) else 0)
            if shape in seen:
                continue
            seen.add(shape)
            for copy in damaged_copies(rule, data):
                refused += 1
                if accepts(schemas[rule], copy):
                    print(f"accepted, as {rule}: {copy.hex()}")
                    wrong += 1
    if wrong:
        sys.exit(1)
    print(sum(accepted.values()), len(accepted), refused)


main()
