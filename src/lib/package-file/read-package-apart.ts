import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { PackageBytes } from './package-bytes.ts'
import type { PackageAnswer, PackageRequest } from './package-worker.ts'
import { kindOf, type PackageFile, type PackageKind } from './read-package-file.ts'

/**
 * Reading a valid package takes about ten milliseconds; starting the thread takes a second or two
 * on a busy machine.
 */
const timeLimitMs = 10_000
/** JavaScript heap only; readers limit the bytes of the file that they hold themselves. */
const maxHeapMb = 128
/** Concurrent readers; others wait. Reading packages uses at most half of a small machine. */
const maxThreads = 1
/** Total bytes that a reader may request, for a file of any size. */
const maxReads = 1_000
const maxReadBytes = 64 * 1024 * 1024

/**
 * File type and package metadata, read in a separate thread: whatever the file contains, other work
 * does not wait, and exceeding time or memory fails only this file.
 */
export async function readPackageApart(file: PackageBytes, limitMs = timeLimitMs): Promise<PackageFile> {
  const kind = kindOf(await file.read(0, Math.min(file.sizeBytes, 512)))
  if (kind !== 'deb' && kind !== 'rpm' && kind !== 'msi') return { kind }
  return inTurn(() => runThread(kind, file, limitMs))
}

async function runThread(kind: PackageKind, file: PackageBytes, limitMs: number): Promise<PackageFile> {
  const worker = new Worker(new URL(`package-worker${extname(import.meta.filename)}`, import.meta.url), {
    workerData: file.sizeBytes,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    // It parses untrusted bytes and needs nothing from the environment.
    env: {},
    execArgv: [],
  })
  const { promise, resolve, reject } = Promise.withResolvers<PackageFile>()
  const timer = setTimeout(() => resolve({ kind, problem: 'it takes longer to read than it is given' }), limitMs)
  let reads = 0
  let readBytes = 0

  async function serve({ start, lengthBytes }: PackageRequest): Promise<void> {
    readBytes += lengthBytes
    if (++reads > maxReads || readBytes > maxReadBytes)
      return resolve({ kind, problem: 'it holds more, or in more pieces, than is looked at' })
    worker.postMessage(await file.read(start, lengthBytes))
  }

  worker.on('message', (answer: PackageAnswer) => {
    if ('file' in answer) resolve(answer.file)
    else serve(answer).catch(reject)
  })
  worker.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      resolve({ kind, problem: 'it takes more memory to read than it is given' })
    else reject(error)
  })
  worker.on('exit', () => reject(new Error('the thread that reads a package ended without an answer')))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

let running = 0
const waiting: (() => void)[] = []

async function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
  if (running < maxThreads) running++
  // A reader that ends passes its slot to the next one.
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await task()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
