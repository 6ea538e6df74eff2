import { expect, test } from 'vitest'
import { en } from './en/en.ts'
import { zhCn } from './zh-cn/zh-cn.ts'

/** Names of all texts, as paths. */
const pathsOf = (value: object, at = ''): string[] =>
  Object.entries(value).flatMap(([name, text]) =>
    typeof text === 'object' && text !== null ? pathsOf(text, `${at}${name}.`) : [`${at}${name}`],
  )

/** Names of products and signs are the same everywhere; all else has to be translated. */
const isSame = (text: string) => /^[\s–\-.,:·%\d]*$/.test(text)

const textAt = (catalogue: object, path: string) =>
  path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], catalogue)

test('both languages have the same texts', () => {
  expect(pathsOf(zhCn).toSorted()).toEqual(pathsOf(en).toSorted())
})

test('what is Chinese is no English', () => {
  const kept = pathsOf(en).filter((path) => {
    const [one, other] = [textAt(en, path), textAt(zhCn, path)]
    return typeof one === 'string' && one === other && !isSame(one)
  })
  // Names.
  expect(kept.filter((path) => !/product|language\.|^access\.column\.id$/.test(path))).toEqual([])
})

test('a reason of the server is told in the reader’s language, and no detail of it is lost', () => {
  const reason = 'the script ended with exit code 3'
  expect(en.executions.explainTask('ScriptFailed', reason)).toBe(reason)
  expect(en.executions.explainTask('Succeeded', '')).toBe('Succeeded')
  expect(zhCn.executions.explainTask('ScriptFailed', reason)).toBe(`脚本失败：${reason}`)
  expect(zhCn.executions.explainTask('Succeeded', '')).toBe('成功')
  const outcome = { reason: '2 of 3 failed', counts: { Success: 1, Failed: 2, Pending: 0 } }
  expect(en.executions.explainExecution(outcome)).toBe(outcome.reason)
  expect(zhCn.executions.explainExecution(outcome)).toBe('成功 1，失败 2（2 of 3 failed）')
  expect(zhCn.executions.explainExecution({ ...outcome, reason: '' })).toBe('成功 1，失败 2')
})
