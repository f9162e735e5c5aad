// Judges CIDs and CARs with the JavaScript importer and @ipld/car:
//
//     ipfs.mjs cid CID PATH        the file or folder has this CID under the profile unixfs-v1-2025
//     ipfs.mjs car CID CAR FILE    the CAR has this one root, each block is what its CID says, and its leaves in order are the file
//
// Exit code 0: it is so; 1: it is not.
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CarBlockIterator } from '@ipld/car'
import { MemoryBlockstore } from 'blockstore-core'
import { importer } from 'ipfs-unixfs-importer'
import { sha256 } from 'multiformats/hashes/sha2'

const RAW = 0x55

function refuseUnless(isTrue, why) {
  if (!isTrue) throw new Error(why)
}

function * files(path, name) {
  if (!statSync(path).isDirectory()) {
    yield { path: name, content: createReadStream(path) }
    return
  }
  yield { path: name }
  for (const entry of readdirSync(path)) yield * files(join(path, entry), `${name}/${entry}`)
}

async function judgeCID(want, path) {
  let last
  for await (const entry of importer(files(path, basename(path)), new MemoryBlockstore(), { profile: 'unixfs-v1-2025' })) last = entry
  refuseUnless(last.cid.toString() === want, `${path} has CID ${last.cid}, not ${want}`)
}

async function judgeCAR(want, path, file) {
  const car = await CarBlockIterator.fromBytes(new Uint8Array(readFileSync(path)))
  const roots = await car.getRoots()
  refuseUnless(car.version === 1 && roots.length === 1 && roots[0].toString() === want, `version ${car.version} with roots ${roots}`)
  const seen = new Set()
  const leaves = []
  for await (const { cid, bytes } of car) {
    refuseUnless(cid.multihash.code === sha256.code, `${cid} is of another hash`)
    const { digest } = await sha256.digest(bytes)
    refuseUnless(Buffer.from(digest).equals(Buffer.from(cid.multihash.digest)), `a block is not what its CID ${cid} says`)
    seen.add(cid.toString())
    if (cid.code === RAW) leaves.push(bytes)
  }
  refuseUnless(seen.has(want), 'the root is not among the blocks')
  refuseUnless(Buffer.concat(leaves).equals(readFileSync(file)), `the leaves are not ${file}`)
  await judgeCID(want, file)
}

const [what, ...rest] = process.argv.slice(2)
try {
  await ({ cid: judgeCID, car: judgeCAR })[what](...rest)
} catch (error) {
  console.error('refused:', error.message)
  process.exit(1)
}
