import { createHash } from 'node:crypto'
import { ArtifactRefused } from '../../../src/agent/artifact/artifact-refused.ts'
import type { FetchArtifact } from '../../../src/agent/invocation/worker.ts'
import type { Artifact, ArtifactKind } from '../../../src/core/extension/extension.ts'

/** Artifacts by digest, which serves as their URL here. */
export class ArtifactShelf {
  readonly contents = new Map<string, Buffer>()
  /** Requested ranges. */
  readonly asked: number[] = []

  add(content: Buffer, fileName: string, kind: ArtifactKind = 'file'): Artifact {
    const sha256 = createHash('sha256').update(content).digest('hex')
    this.contents.set(sha256, content)
    return { sha256, sizeBytes: content.length, fileName, kind }
  }

  readonly fetch: FetchArtifact = async (url, rangeStart) => {
    this.asked.push(rangeStart)
    const content = this.contents.get(url)
    if (!content) throw new ArtifactRefused('the server does not have it (404).')
    return { start: rangeStart, body: pieces(content.subarray(rangeStart)) }
  }
}

async function* pieces(content: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 64 * 1024) yield content.subarray(at, at + 64 * 1024)
}
