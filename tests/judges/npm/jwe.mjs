// Opens and makes JWEs with jose.
//
//     jwe.mjs open HOME LEDGER       every JWE in the ledger's payload store, with the key among HOME's identity files that it is
//                                    for; prints "CID KID KEY" for each; exit code 1 if one does not open or a damaged one does
//     jwe.mjs seal IDENTITY KEY      a compact JWE of the 32 bytes KEY (hex) for the sealing key in that file
import { readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { sha256 } from '@noble/hashes/sha2.js'
import { encode } from 'cborg'
import { CompactEncrypt, compactDecrypt, importJWK, importPKCS8 } from 'jose'

const ALG = 'ECDH-ES+A256KW'
const ENC = 'A256GCM'
const hex = (bytes) => Buffer.from(bytes).toString('hex')
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'))

// [{ kid, public key, PEM }] of the X25519 keys in an identity file.
function recipients(path) {
  const found = []
  for (const block of readFileSync(path, 'ascii').split('\n\n')) {
    const [purpose, publicLine, ...pem] = block.split('\n')
    if (purpose !== 'purpose: seal' && purpose !== 'purpose: recovery') continue
    const raw = bytes(publicLine.replace('public: ', ''))
    found.push({ kid: hex(sha256(encode([-31, raw]))), raw, pem: pem.join('\n') })
  }
  return found
}

const opened = (token, key) => compactDecrypt(token, key, { keyManagementAlgorithms: [ALG], contentEncryptionAlgorithms: [ENC] })

function * damaged(token) {
  const parts = token.split('.')
  for (const [place, part] of parts.entries()) {
    // Not the last character, whose lowest bits may mean nothing.
    for (const at of [0, part.length >> 1, part.length - 2]) {
      const copy = part.slice(0, at) + (part[at] === 'A' ? 'B' : 'A') + part.slice(at + 1)
      yield parts.with(place, copy).join('.')
    }
  }
  yield parts.slice(0, 4).join('.')
}

const refused = (token, key) => opened(token, key).then(() => false, () => true)

const files = (folder) => readdirSync(folder, { recursive: true }).sort().map((name) => join(folder, name))

async function openAll(home, ledger) {
  const keys = new Map()
  for (const path of files(home).filter((name) => name.endsWith('.pem'))) {
    for (const { kid, pem } of recipients(path)) keys.set(kid, await importPKCS8(pem, ALG))
  }
  for (const path of files(join(ledger, 'payload')).filter((name) => name.endsWith('.jwe'))) {
    const token = readFileSync(path, 'ascii')
    const kid = basename(path, '.jwe')
    const { plaintext, protectedHeader } = await opened(token, keys.get(kid))
    if (protectedHeader.kid !== kid || plaintext.length !== 32) throw new Error(`${path}: kid ${protectedHeader.kid}`)
    for (const [other, key] of keys) {
      if (other !== kid && !await refused(token, key)) throw new Error(`${path} opens with another's key`)
    }
    for (const copy of damaged(token)) {
      if (!await refused(copy, keys.get(kid))) throw new Error(`${path} opens when it is damaged`)
    }
    console.log(basename(dirname(dirname(path))), kid, hex(plaintext))
  }
}

async function seal(identity, key) {
  const [{ kid, raw }] = recipients(identity)
  const recipient = await importJWK({ kty: 'OKP', crv: 'X25519', x: Buffer.from(raw).toString('base64url') }, ALG)
  const token = await new CompactEncrypt(bytes(key)).setProtectedHeader({ alg: ALG, enc: ENC, kid }).encrypt(recipient)
  process.stdout.write(token)
}

const [what, ...rest] = process.argv.slice(2)
try {
  await ({ open: openAll, seal })[what](...rest)
} catch (error) {
  console.error('refused:', error.message)
  process.exit(1)
}
