"""Deterministic CBOR as docs/formats/cbor.md has it, written from that page alone.

decode() refuses every encoding but the one; a map becomes a dict, a tag a Tag, and a map's keys must be integers or texts.
"""
from collections import namedtuple

Tag = namedtuple("Tag", "number item")
DEPTH = 16


class Malformed(ValueError):
    pass


def head(data, at):
    """(major type, value, offset behind the head); value is None for the simple values."""
    if at >= len(data):
        raise Malformed("the bytes end where an item should begin")
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        if low not in (20, 21, 22):
            raise Malformed("a simple value or a number that does not occur")
        return major, low, at
    if low < 24:
        return major, low, at
    if low > 27:
        raise Malformed("an indefinite length")
    size = 1 << (low - 24)
    if at + size > len(data):
        raise Malformed("the bytes end in a head")
    value = int.from_bytes(data[at:at + size], "big")
    if value < (24 if size == 1 else 1 << (4 * size)):
        raise Malformed("a number is not in its shortest form")
    return major, value, at + size


def item(data, at, depth=0):
    """(value, offset behind it)"""
    major, value, at = head(data, at)
    if 4 <= major <= 6 and depth >= DEPTH:
        raise Malformed("too deep")
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major in (2, 3):
        if value > len(data) - at:
            raise Malformed("the bytes end in a string")
        piece = bytes(data[at:at + value])
        if major == 2:
            return piece, at + value
        try:
            return piece.decode("utf-8"), at + value
        except UnicodeDecodeError as error:
            raise Malformed("a text is not UTF-8") from error
    if major == 4:
        if value > len(data) - at:
            raise Malformed("the bytes end in an array")
        items = []
        for _ in range(value):
            one, at = item(data, at, depth + 1)
            items.append(one)
        return items, at
    if major == 5:
        if 2 * value > len(data) - at:
            raise Malformed("the bytes end in a map")
        pairs, before = {}, b""
        for _ in range(value):
            start = at
            key, at = item(data, at, depth + 1)
            if bytes(data[start:at]) <= before:
                raise Malformed("keys of a map do not ascend")
            before = bytes(data[start:at])
            if not isinstance(key, (int, str)) or isinstance(key, bool):
                raise Malformed("a key of a kind that no format here has")
            pairs[key], at = item(data, at, depth + 1)
        return pairs, at
    if major == 6:
        one, at = item(data, at, depth + 1)
        return Tag(value, one), at
    return {20: False, 21: True, 22: None}[value], at


def decode(data):
    value, at = item(data, 0)
    if at != len(data):
        raise Malformed("something follows the item")
    return value


def sequence(data):
    """Each item's own bytes."""
    at, pieces = 0, []
    while at < len(data):
        _, end = item(data, at)
        pieces.append(bytes(data[at:end]))
        at = end
    return pieces


def number(major, value):
    for size, low in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << (8 * size):
            return bytes([major << 5 | low]) + value.to_bytes(size, "big")
    raise Malformed("a number over 64 bits")


def encode(value):
    """Numbers, strings, lists, null: what preimages and Sig_structures need."""
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return number(0, value) if value >= 0 else number(1, -1 - value)
    if isinstance(value, bytes):
        return number(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return number(3, len(text)) + text
    return number(4, len(value)) + b"".join(map(encode, value))
