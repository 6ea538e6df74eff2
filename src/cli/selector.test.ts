import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSelector } from './selector.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-selector-'))
})
afterAll(() => rm(folder, { recursive: true }))

const inFile = async (content: string) => {
  const file = join(folder, 'ids.csv')
  await writeFile(file, content)
  return await readSelector(`file:${file}`)
}
const a = 'i-aaaaaaaaaaaaaaaa'
const b = 'i-bbbbbbbbbbbbbbbb'

test("parses the API's forms like core", async () => {
  expect(await readSelector('tag:env=prod')).toEqual({
    targets: { kind: 'tags', tags: { env: 'prod' } },
    text: 'tag:env=prod',
  })
})

test.each(['', 'prod', 'tag:', 'id:web-1'])('%j is no selector', async (text) => {
  await expect(readSelector(text)).rejects.toMatchObject({
    name: 'UsageError',
    next: expect.stringContaining('tag:k=v'),
  })
})

describe('a file', () => {
  test.each([
    ['ids, one on each line', `${a}\n${b}\n`],
    [
      'a heading, more columns, Windows line ends, a byte order mark',
      `\uFEFFInstanceId,name\r\n"${a}",web\r\n${b},db\r\n\r\n`,
    ],
    ['one twice', `${a}\n${b}\n${a}`],
  ])('of %s', async (_, content) => {
    expect(await inFile(content)).toEqual({ targets: { kind: 'ids', ids: [a, b] }, text: `id:${a},${b}` })
  })

  test('of names', async () => {
    expect((await inFile('name\nweb-1\n"say ""hi"""\n')).targets).toEqual({
      kind: 'names',
      names: ['web-1', 'say "hi"'],
    })
  })

  test.each([
    ['nothing', 'id\n\n', /contains no instances/],
    ['both', `${a}\nweb-1\n`, /ids\.csv:2: ids and names are mixed \("web-1" after/],
  ])('with %s is refused', async (_, content, message) => {
    await expect(inFile(content)).rejects.toThrow(message)
  })

  test('with a quotation mark that is not closed names its line', async () => {
    await expect(inFile(`id\n${a}\n"${b}\n`)).rejects.toThrow('ids.csv:3: a quotation mark in this row is not closed')
  })

  test('a missing file, or a directory, is refused', async () => {
    await expect(readSelector('file:/nowhere/ids')).rejects.toThrow('/nowhere/ids cannot be read')
    await expect(readSelector(`file:${folder}`)).rejects.toThrow('is not a file')
  })
})
