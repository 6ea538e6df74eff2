import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeCliContext } from '../../../test/make-cli-context.ts'
import { streamDocument } from './stream-document.ts'

async function* listOf(items: readonly unknown[]) {
  yield* items
}

test.each([[[]], [[{ id: 'i-1', parts: [{ a: 1 }], text: 'two\nlines' }]], [[{ id: 1 }, { id: 2 }]]])(
  'what is printed page by page is the whole document: %j',
  async (items) => {
    const head = { id: 'plan-1', counts: { install: 2 }, batchSizes: [] }
    const json = makeCliContext()
    await streamDocument(json.context.out, 'json', head, { name: 'targets', items: listOf(items) })
    expect(json.printed.out).toBe(`${JSON.stringify({ ...head, targets: items }, null, 2)}\n`)
    const yaml = makeCliContext()
    await streamDocument(yaml.context.out, 'yaml', head, { name: 'targets', items: listOf(items) })
    expect(parse(yaml.printed.out)).toEqual({ ...head, targets: items })
  },
)
