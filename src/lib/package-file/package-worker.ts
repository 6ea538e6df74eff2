/**
 * The worker thread of `readPackageApart`: reads one package, requests its bytes from the main
 * thread, and posts the result.
 */
import { once } from 'node:events'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type PackageFile, readPackageFile } from './read-package-file.ts'

export interface PackageRequest {
  readonly start: number
  readonly lengthBytes: number
}
export type PackageAnswer = PackageRequest | { readonly file: PackageFile }

/**
 * Sectors of a few hundred bytes are requested one by one; each request costs the main thread a
 * read from the store.
 */
const blockBytes = 64 * 1024
const maxBlocks = 128

const port = parentPort as MessagePort
const sizeBytes = workerData as number
const blocks = new Map<number, Buffer>()

async function ask(start: number, lengthBytes: number): Promise<Buffer> {
  const answered = once(port, 'message')
  port.postMessage({ start, lengthBytes } satisfies PackageAnswer)
  const [bytes] = (await answered) as [Uint8Array]
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

async function readBlock(index: number): Promise<Buffer> {
  const known = blocks.get(index)
  if (known) return known
  const start = index * blockBytes
  const block = await ask(start, Math.min(blockBytes, sizeBytes - start))
  const [oldest] = blocks.keys()
  if (blocks.size >= maxBlocks && oldest !== undefined) blocks.delete(oldest)
  blocks.set(index, block)
  return block
}

async function read(start: number, lengthBytes: number): Promise<Buffer> {
  const end = Math.min(start + lengthBytes, sizeBytes)
  if (start >= end) return Buffer.alloc(0)
  if (end - start > blockBytes) return ask(start, end - start)
  const pieces: Buffer[] = []
  for (let at = start; at < end; ) {
    const index = Math.floor(at / blockBytes)
    const blockStart = index * blockBytes
    const piece = (await readBlock(index)).subarray(at - blockStart, end - blockStart)
    pieces.push(piece)
    at += piece.length
    if (piece.length === 0) break
  }
  return Buffer.concat(pieces)
}

port.postMessage({ file: await readPackageFile({ sizeBytes, read }) } satisfies PackageAnswer)
