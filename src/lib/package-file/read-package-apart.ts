import { Worker } from 'node:worker_threads'
import type { PackageBytes } from './package-bytes.ts'
import type { PackageAnswer, PackageRequest } from './package-worker.ts'
import { kindOf, type PackageFile, type PackageKind } from './read-package-file.ts'

/** A package of an honest tool takes some ten milliseconds, and a busy machine a second or two to start the thread. */
const timeLimitMs = 10_000
/** Of JavaScript's own; what a reader holds of the file is limited by itself. */
const maxHeapMb = 128
/** At once; others wait. Reading packages takes no more than half of a small machine. */
const maxThreads = 1
/** All that a reader may ask for, of a file of any size. */
const maxReads = 1_000
const maxReadBytes = 64 * 1024 * 1024

/**
 * What a file is, and what a package says of itself, in a thread of its own: whatever is in the file, nothing else waits meanwhile, and
 * too much time or memory is a problem of that file alone.
 */
export async function readPackageApart(file: PackageBytes, limitMs = timeLimitMs): Promise<PackageFile> {
  const kind = kindOf(await file.read(0, Math.min(file.sizeBytes, 512)))
  if (kind !== 'deb' && kind !== 'rpm' && kind !== 'msi') return { kind }
  return inTurn(() => runThread(kind, file, limitMs))
}

async function runThread(kind: PackageKind, file: PackageBytes, limitMs: number): Promise<PackageFile> {
  const worker = new Worker(new URL('package-worker.ts', import.meta.url), {
    workerData: file.sizeBytes,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    // It reads bytes of strangers and needs nothing of ours.
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
  // Whoever ends hands on its place.
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await task()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
