import { open } from 'node:fs/promises'
import { OperatorError } from '../../lib/operator-error.ts'

/** A token has about 46 characters; a longer file is a different file. */
const maxFileBytes = 1024

/**
 * Reads the join token from a file, without surrounding white space. Rejects with OperatorError,
 * whose message never contains the file's content.
 */
export async function readTokenFile(path: string): Promise<string> {
  const text = await readStart(path).catch((error: Error) => {
    throw new OperatorError(`cannot read the join token from ${path}: ${error.message}`)
  })
  return parseToken(text, path)
}

/** The same from a stream that ends after the token: standard input. */
export async function readTokenStream(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString('latin1')
    if (text.length > maxFileBytes) break
  }
  return parseToken(text, 'standard input')
}

function parseToken(text: string, path: string): string {
  const token = text.trim()
  if (!/^[\w-]+$/.test(token) || text.length > maxFileBytes)
    throw new OperatorError(`${path} does not hold a join token: one line such as ct_… and nothing else is expected`)
  return token
}

async function readStart(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxFileBytes + 1), 0, maxFileBytes + 1, null)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
