import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readLastLines } from './step-scripts.ts'

async function readLastOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-lines-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'stderr'), text)
  return readLastLines(join(folder, 'stderr'))
}

test('the last line of a script is kept as it is; a long one keeps its beginning and its end', async () => {
  expect(await readLastOf('first\nE: no such file\n\n')).toBe('E: no such file')
  const path = `/opt/${'x'.repeat(300)}`
  const cut = await readLastOf(`first\nENOSPC: no space left on device, copyfile '${path}/a' -> '${path}/b'\n`)
  expect(cut).toMatch(/^ENOSPC: no space left on device, copyfile '\/opt\/x+…x+\/b'$/)
  expect(cut.length).toBe(201)
  expect(await readLastOf('')).toBe('')
})
