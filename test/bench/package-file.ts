import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const files = 40
const fileBytes = 80 * 1024

/** A reproducible tar.gz of about 1 MB: 40 text files that shrink to a third, like programs do. */
export async function makePackage(directory: string): Promise<string> {
  const content = join(directory, 'package')
  await mkdir(content)
  for (let index = 0; index < files; index++) await writeFile(join(content, `file-${index}`), makeText(`file ${index}`))
  const path = join(directory, 'package.tar.gz')
  await promisify(execFile)('tar', ['czf', path, '-C', content, '.'])
  await rm(content, { recursive: true })
  return path
}

function makeText(seed: string): string {
  let text = ''
  for (let round = 0; text.length < fileBytes; round++) {
    const random = createHash('sha256').update(`${seed} ${round}`).digest('hex')
    text += `${random} and what a program says of itself with words that come again: ${random.slice(0, 20)}\n`
  }
  return text
}
