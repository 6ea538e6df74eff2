import { expect, test } from 'vitest'
import { en } from './en/en.ts'
import { zhCn } from './zh-cn/zh-cn.ts'

/** The dotted paths of all texts. */
const pathsOf = (value: object, at = ''): string[] =>
  Object.entries(value).flatMap(([name, text]) =>
    typeof text === 'object' && text !== null ? pathsOf(text, `${at}${name}.`) : [`${at}${name}`],
  )

/** Signs are the same in all languages. */
const isSame = (text: string) => /^[\s–\-.,:·%\d]*$/.test(text)

const textAt = (catalogue: object, path: string) =>
  path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], catalogue)

test('both catalogues have the same paths', () => {
  expect(pathsOf(zhCn).toSorted()).toEqual(pathsOf(en).toSorted())
})

test('every Chinese text differs from the English one', () => {
  const kept = pathsOf(en).filter((path) => {
    const [one, other] = [textAt(en, path), textAt(zhCn, path)]
    return typeof one === 'string' && one === other && !isSame(one)
  })
  // Names of products and languages, and the abbreviation ID.
  expect(kept.filter((path) => !/product|language\.|(^|\.)(column|columns|property)\.id$/.test(path))).toEqual([])
})

/** Impersonal phrases; texts use nouns, active verbs and the terms of the field instead. */
const unwanted =
  /\b(told|tells|whoever|whom|anew|goes on|go on|stands?|nobody|somebody|a person|what it is for|what one|is asked|half-way|all the same)\b/i

const findUnwanted = (catalogue: object) =>
  pathsOf(catalogue).filter((path) => {
    const text = textAt(catalogue, path)
    // A text with arguments is a function: its source holds the words.
    return unwanted.test(typeof text === 'function' ? text.toString() : String(text))
  })

test('English texts use plain technical terms', () => {
  expect(findUnwanted({ a: 'Whoever has a key', b: { c: (name: string) => `${name} goes on.` }, d: 'Retry' })).toEqual([
    'a',
    'b.c',
  ])
  expect(findUnwanted(en)).toEqual([])
})

test('reasons of the server are shown in the language of the user without losing detail', () => {
  const reason = 'the script ended with exit code 3'
  expect(en.executions.explainTask('ScriptFailed', reason)).toBe(reason)
  expect(en.executions.explainTask('Succeeded', '')).toBe('Succeeded')
  expect(zhCn.executions.explainTask('ScriptFailed', reason)).toBe(`脚本执行失败：${reason}`)
  expect(zhCn.executions.explainTask('Succeeded', '')).toBe('成功')
  const outcome = { reason: '2 of 3 failed', counts: { Success: 1, Failed: 2, Pending: 0 } }
  expect(en.executions.explainExecution(outcome)).toBe(outcome.reason)
  expect(zhCn.executions.explainExecution(outcome)).toBe('成功 1，失败 2（2 of 3 failed）')
  expect(zhCn.executions.explainExecution({ ...outcome, reason: '' })).toBe('成功 1，失败 2')
})
