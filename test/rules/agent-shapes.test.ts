// Reason: agents read messages and their own files without zod, which would cost each of them about
// 10 MB. What they accept has to be what the schemas say, after every change of a schema.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type core, z } from 'zod'
import { tryShape } from '../../src/protocol/shape.ts'
import { findAgentClosure } from './agent-closure.ts'
import { readByAgents, renderAgentShapes, shapeOf } from './agent-shapes.ts'
import { arbitraryOf, mutate } from './arbitrary-of-schema.ts'
import { readProjectFile } from './project-files.ts'

const page = 'src/protocol/agent-shapes.ts'

test(`${page} is what the schemas say`, () => {
  expect(readProjectFile(page), 'a schema has changed; run: node scripts/write-agent-shapes.ts').toBe(
    renderAgentShapes(),
  )
})

/** Loaded on demand, by instances that require signatures. */
const checks = './check-invocation.ts'

test('agents do not load zod unless they check signatures', () => {
  const { packages, files } = findAgentClosure([checks])
  expect(packages, 'use src/protocol/shape.ts').not.toContainEqual(expect.objectContaining({ name: 'zod' }))
  expect(files).toContain(page)
})

/** What both make of a value; undefined: it is refused. */
const readTwice = (schema: core.$ZodType, value: unknown) => ({
  byShape: tryShape<unknown>(shapeOf(schema), value),
  byZod: z.safeParse(schema, value).data,
})

for (const { name, schema } of readByAgents)
  test(`the shape of ${name} accepts what its schema accepts, with the same result`, () => {
    const valid = arbitraryOf(schema)
    let accepted = 0
    fc.assert(
      fc.property(valid, fc.infiniteStream(fc.nat()), fc.boolean(), (value, choices, isMutated) => {
        // As it arrives.
        const json: unknown = JSON.parse(JSON.stringify(value))
        const given = isMutated ? mutate(json, choices) : json
        const { byShape, byZod } = readTwice(schema, given)
        if (byZod !== undefined) accepted++
        expect(byShape).toEqual(byZod)
      }),
      { numRuns: 150 },
    )
    expect(accepted, 'the test compares refusals only').toBeGreaterThan(10)
  })

test.each([
  ['an unknown field', z.strictObject({ a: z.int() }), { a: 1, b: 2 }],
  ['a prototype', z.object({ a: z.int().optional() }), JSON.parse('{"__proto__":{"a":1}}')],
  ['a field of every object', z.discriminatedUnion('k', [z.object({ k: z.literal('a') })]), { k: 'constructor' }],
  ['a list', z.object({}), []],
  ['nothing', z.object({}), null],
  ['a number beyond doubles', z.number(), JSON.parse('1e999')],
  ['a number beyond integers', z.int(), 2 ** 53],
  ['a half', z.int(), 0.5],
  ['a record with a prototype', z.record(z.string(), z.int()), JSON.parse('{"__proto__":1,"a":2}')],
  ['base64 of another length', z.base64(), 'abc'],
  ['base64 with a space', z.base64(), 'ab c'],
  ['base64 with three signs', z.base64(), 'a==='],
  ['empty base64', z.base64(), ''],
  ['a URL with a line break', z.url(), ' http://exa\nmple '],
  ['no URL', z.url(), 'example'],
  ['a lenient field', z.object({ a: z.array(z.int()).optional().catch(undefined) }), { a: 'x' }],
  ['a default', z.object({ a: z.boolean().default(true) }), {}],
])('%s is read as zod reads it', (_, schema, value) => {
  const { byShape, byZod } = readTwice(schema, value)
  expect(byShape).toEqual(byZod)
})

test('what a shape cannot express is refused when it is generated', () => {
  expect(() => shapeOf(z.string().refine((text) => text !== 'x'))).toThrow('a refinement has no name')
  expect(() => shapeOf(z.string().transform((text) => text.length))).toThrow('type pipe')
  expect(() => shapeOf(z.object({}).refine(() => true))).toThrow('a check of an object')
  expect(() => shapeOf(z.number().gt(3))).toThrow('the check greater_than')
})
