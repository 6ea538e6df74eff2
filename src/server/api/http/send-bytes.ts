import type { FastifyReply } from 'fastify'

/**
 * Sends `sizeBytes` bytes as the body of a reply whose other headers are set. Each chunk is written
 * after the previous one was handed to the kernel, so that its memory can be reused and a slow peer
 * holds one chunk, not a queue. Resolves when all bytes are sent or the peer has disconnected. If
 * reading fails, the headers are already sent: the connection is closed, so that the peer sees an
 * incomplete body, and `onReadError` is called.
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
  // A broken connection may drop the callback of a pending write, but always emits `close`.
  let resume = () => {}
  // (A response of HTTP/2 has no `destroyed`.)
  let isClosed = false
  raw.once('close', () => {
    isClosed = true
    resume()
  })
  let leftBytes = sizeBytes
  try {
    for await (const chunk of bytes) {
      if (isClosed || raw.destroyed) return
      leftBytes -= chunk.length
      await new Promise<void>((resolve) => {
        resume = resolve
        // The end is sent with the last chunk, so that a peer that has received everything can
        // reuse the connection.
        if (leftBytes === 0) raw.end(chunk, resolve)
        else raw.write(chunk, () => resolve())
      })
    }
  } catch (error) {
    onReadError(error)
    raw.destroy()
  }
}

/**
 * RFC 6266: an ASCII name for every client, and the exact name for those that know the newer form.
 */
export const dispositionOf = (fileName: string) =>
  `attachment; filename="${fileName.replaceAll(/[^\w.+~-]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(fileName).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`
