import { useCallback, useEffect, useRef, useState } from 'react'
import type { Client } from '../../../../../src/client/client.ts'
import { ClientError } from '../../../../../src/client/client-error.ts'
import { useConsoleData } from '../../../data/console-data.tsx'
import type { ArrivedArtifact } from './configuration/accept-artifact.ts'
import { digestOf } from './configuration/digest-of.ts'
import type { PendingUpload } from './wizard-draft.ts'

export interface Upload {
  readonly fileName: string
  readonly sizeBytes: number
  readonly sentBytes: number
  /** Connection lost; the upload retries automatically. */
  readonly isLost: boolean
  /** Why the upload ended without a package. */
  readonly error: ClientError | undefined
  /** Kept for a retry. */
  readonly file: File
}

export interface Uploads {
  /** By configuration key. */
  readonly states: Readonly<Record<number, Upload | undefined>>
  /** Uploads a package; resumes an earlier upload of the same file. */
  readonly start: (key: number, file: File, before?: PendingUpload) => void
  readonly cancel: (key: number, pending: PendingUpload | undefined) => void
}

interface UploadEvents {
  readonly onPending: (key: number, pending: PendingUpload) => void
  readonly onArrived: (key: number, artifact: ArrivedArtifact) => void
}

/** Running uploads. They continue across wizard steps and end with the page. */
export function useUploads({ onPending, onArrived }: UploadEvents): Uploads {
  const { clientFor } = useConsoleData()
  const [states, setStates] = useState<Readonly<Record<number, Upload | undefined>>>({})
  const endings = useRef(new Map<number, AbortController>())
  const events = useRef({ onPending, onArrived })
  useEffect(() => {
    events.current = { onPending, onArrived }
  })
  useEffect(() => {
    const running = endings.current
    return () => {
      for (const ending of running.values()) ending.abort()
    }
  }, [])
  const update = useCallback(
    (key: number, change: Partial<Upload>) =>
      setStates((all) => (all[key] ? { ...all, [key]: { ...all[key], ...change } } : all)),
    [],
  )
  const drop = useCallback((key: number) => setStates(({ [key]: _, ...others }) => others), [])

  const start = (key: number, file: File, before?: PendingUpload) => {
    endings.current.get(key)?.abort()
    const ending = new AbortController()
    endings.current.set(key, ending)
    setStates((all) => ({ ...all, [key]: { ...describe(file), sentBytes: 0, isLost: false, error: undefined, file } }))
    const isGoingOn = isSameFile(before, file)
    if (!isGoingOn && before?.uploadId !== undefined) void forget(clientFor(), before.uploadId)
    const pending = { ...describe(file), uploadId: isGoingOn ? before?.uploadId : undefined }
    events.current.onPending(key, pending)
    const client = clientFor(ending.signal)
    const progress = {
      uploadId: pending.uploadId,
      signal: ending.signal,
      onBegin: (uploadId: string) => events.current.onPending(key, { ...pending, uploadId }),
      update: (change: Partial<Upload>) => update(key, change),
    }
    send(client, file, progress).then(
      (artifact) => {
        if (ending.signal.aborted) return
        events.current.onArrived(key, artifact)
        drop(key)
      },
      (error: unknown) => {
        if (ending.signal.aborted) return
        if (!(error instanceof ClientError)) throw error
        update(key, { error, isLost: false })
      },
    )
  }

  const cancel = (key: number, pending: PendingUpload | undefined) => {
    endings.current.get(key)?.abort()
    drop(key)
    if (pending?.uploadId !== undefined) void forget(clientFor(), pending.uploadId)
  }
  return { states, start, cancel }
}

const describe = ({ name, size, lastModified }: File) => ({ fileName: name, sizeBytes: size, lastModified })

/**
 * Whether an interrupted upload belongs to this file: hashing 10 GB twice is too slow, so this
 * compares metadata. For small files the digest detects other content.
 */
const isSameFile = (before: PendingUpload | undefined, file: Pick<File, 'name' | 'size' | 'lastModified'>) =>
  before?.fileName === file.name && before.sizeBytes === file.size && before.lastModified === file.lastModified

interface Progress {
  readonly uploadId: string | undefined
  readonly signal: AbortSignal
  readonly onBegin: (uploadId: string) => void
  readonly update: (change: Partial<Upload>) => void
}

async function send(client: Client, file: File, progress: Progress): Promise<ArrivedArtifact> {
  const sha256 = await digestOf(file)
  // Also after a completed upload whose response was lost.
  const isThere = sha256 !== undefined && (await client.artifacts.exists(sha256))
  const stored = isThere ? { sha256, sizeBytes: file.size } : await sendBytes(client, file, sha256, progress)
  const metadata = await client.artifacts.getMetadata(stored.sha256)
  return { fileName: file.name, sha256: stored.sha256, sizeBytes: stored.sizeBytes, metadata }
}

async function sendBytes(client: Client, file: File, sha256: string | undefined, progress: Progress) {
  const { signal, onBegin, update } = progress
  const options = {
    sha256,
    signal,
    onBegin: ({ id }: { readonly id: string }) => onBegin(id),
    onProgress: (sentBytes: number) => update({ sentBytes, isLost: false }),
    onLost: () => update({ isLost: true }),
  }
  if (progress.uploadId !== undefined) {
    try {
      return await client.uploads.send(file, { ...options, uploadId: progress.uploadId })
    } catch (error) {
      // The server deletes uploads after a day: start again.
      if (!(error instanceof ClientError && error.status === 404)) throw error
    }
  }
  return await client.uploads.send(file, options)
}

/** Deletes an abandoned upload; if this fails, the server deletes it after a day. */
async function forget(client: Client, uploadId: string) {
  try {
    await client.uploads.delete(uploadId)
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
  }
}
