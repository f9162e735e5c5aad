// Verifies events with @noble/curves and cborg: event.mjs CASES
//
// CASES is what python/event_cases.py writes. Prints for each line "INDEX ID", or "INDEX refused: why".
import { readFileSync } from 'node:fs'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { decode, encode } from 'cborg'

const hex = (bytes) => Buffer.from(bytes).toString('hex')
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'))

function refuseUnless(isTrue, why) {
  if (!isTrue) throw new Error(why)
}

// strict: no number in a longer form than it needs, no indefinite length.
const options = { useMaps: true, strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true }
const item = (data) => decode(data, options)
// An event is tagged 18; the decoder hands on what the tag marks.
const tagged = (data) => decode(data, { ...options, tags: { 18: (inner) => ({ sign1: inner() }) } })

function verify(entryBytes, keyBytes) {
  const entry = item(entryBytes)
  refuseUnless(Array.isArray(entry) && entry.length === 5 && entry[0] === 1, 'not the entry of an event')
  const { sign1 } = tagged(entry[3])
  refuseUnless(Array.isArray(sign1) && sign1.length === 4, 'not a COSE_Sign1')
  const [protectedHeader, unprotected, payload, signature] = sign1
  refuseUnless(unprotected instanceof Map && unprotected.size === 0, 'an unprotected header')
  const header = item(protectedHeader)
  refuseUnless(header.get(1) === -47, 'not ES256K')
  refuseUnless(header.get(3) === 'application/vnd.regesta.event+cbor', 'another content type')
  const [purpose, algorithm, point] = item(keyBytes)
  refuseUnless(purpose === 1 && algorithm === -47, 'not a key that signs')
  refuseUnless(hex(header.get(4)) === hex(sha256(encode([algorithm, point]))), 'another key')
  const digest = sha256(encode(['Signature1', protectedHeader, new Uint8Array(0), payload]))
  refuseUnless(secp256k1.verify(signature, digest, point, { prehash: false, lowS: true }), 'the signature does not verify')
  return hex(digest)
}

for (const line of readFileSync(process.argv[2], 'ascii').trim().split('\n')) {
  const [index, entry, key] = line.split(' ')
  try {
    console.log(index, verify(bytes(entry), bytes(key)))
  } catch (error) {
    console.log(index, 'refused:', error.message.replace(/\s+/g, ' '))
  }
}
