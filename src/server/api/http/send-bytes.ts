import type { FastifyReply } from 'fastify'

/**
 * Sends `sizeBytes` bytes as the body of a reply whose other headers are set. Each chunk is written when the one before it
 * is out of our hands, so that its memory can be used again and a slow peer holds one chunk, not a queue.
 * Resolves when all is sent or the peer is gone. When reading fails the headers are out: the connection is closed, which
 * the peer sees as a body that is too short, and `onReadError` is told.
 */
export async function sendBytes(
  reply: FastifyReply,
  bytes: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  onReadError: (error: unknown) => void,
): Promise<void> {
  reply.header('content-length', sizeBytes).hijack()
  const { raw } = reply
  raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>)
  // A connection that breaks may forget a write that was under way; closing it is always told.
  let goOn = () => {}
  raw.once('close', () => goOn())
  let leftBytes = sizeBytes
  try {
    for await (const chunk of bytes) {
      if (raw.destroyed) return
      leftBytes -= chunk.length
      await new Promise<void>((resolve) => {
        goOn = resolve
        // The end goes with the last chunk: a peer that has all of it must not find the connection busy.
        if (leftBytes === 0) raw.end(chunk, resolve)
        else raw.write(chunk, () => resolve())
      })
    }
  } catch (error) {
    onReadError(error)
    raw.destroy()
  }
}

/** RFC 6266: a plain name for everyone, the exact one for who knows the newer form. */
export const dispositionOf = (fileName: string) =>
  `attachment; filename="${fileName.replaceAll(/[^\w.+~-]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(fileName).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`
