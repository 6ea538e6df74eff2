import { describe, expect, test } from 'vitest'
import { ClientError } from '../../../src/client/client-error.ts'
import { chandlerError, errorCatalogue, isErrorCode } from '../../../src/core/error/errors.ts'
import { findVerdict } from '../../../src/core/execution/task-counts.ts'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import { makeReason, makeTextReason } from '../../../src/core/reason/reason.ts'
import { reasonCodes, reasonExamples, watchArguments } from '../../../test/reason-examples.ts'
import { en } from './en/en.ts'
import { errors } from './zh-cn/errors.ts'
import { createChineseReasons } from './zh-cn/reasons.ts'
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

test('a reason of an earlier release, and what an agent said, stay as they are behind the name of the reason code', () => {
  const reason = 'the script ended with exit code 3'
  const task = { reasonCode: 'ScriptFailed', reason } as const
  const said = { ...task, reasonMessages: makeTextReason(reason) }
  for (const one of [task, said]) {
    expect(en.executions.explainTask(one)).toBe(reason)
    expect(zhCn.executions.explainTask(one)).toBe(`脚本执行失败：${reason}`)
  }
  expect(en.executions.explainTask({ reasonCode: 'Succeeded', reason: '' })).toBe('Succeeded')
  expect(zhCn.executions.explainTask({ reasonCode: 'Succeeded', reason: '' })).toBe('成功')
  const outcome = { reason: '2 of 3 failed', counts: { Success: 1, Failed: 2, Pending: 0 } }
  expect(en.executions.explainExecution(outcome)).toBe(outcome.reason)
  expect(zhCn.executions.explainExecution(outcome)).toBe('成功 1，失败 2（2 of 3 failed）')
  expect(zhCn.executions.explainExecution({ ...outcome, reason: '' })).toBe('成功 1，失败 2')
})

test('a reason with a message of a later release is shown in English, and not in parts', () => {
  const reasonMessages = [...makeReason('Paused'), { code: 'OfLater', arguments: {} }]
  expect(zhCn.executions.explainReason({ reason: 'Paused. Later.', reasonMessages })).toBe('Paused. Later.')
})

const errorCodes = Object.keys(errorCatalogue).filter(isErrorCode)
const wordsOf = (text: string) => new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
/** Commands, names of settings, headers, files, formats and products are the same in all languages. */
const withoutNames = (text: string) =>
  text.replaceAll(
    /`[^`]+`|“[^”]+”|（[^）]*[=:*][^）]*）|\{\w+\}|\b[A-Z][A-Za-z0-9]*[-_A-Z0-9][-\w.:]*|\S+\.(md|csv)\b/g,
    '',
  )

describe('errors in Chinese', () => {
  test.each(errorCodes)('%s has both texts in Chinese, with the arguments of the English ones', (code) => {
    const english = errorCatalogue[code]
    const chinese = errors[code]
    for (const part of ['text', 'next'] as const) {
      for (const word of wordsOf(chinese[part])) expect(wordsOf(english[part])).toContain(word)
      expect(chinese[part]).toMatch(/\p{Script=Han}/u)
      expect(chinese[part]).toMatch(/。$/)
      // Words in a row are a sentence in English.
      expect(withoutNames(chinese[part])).not.toMatch(/[a-z]{2,} [a-z]{2,} [a-z]{2,}/)
    }
  })

  test('an error of the server is shown in Chinese; one of another release as the server wrote it', () => {
    const {
      status,
      message,
      next,
      arguments: words,
    } = chandlerError('VersionNotFound', { name: 'demo', version: 'v9' })
    const problem = { code: 'VersionNotFound', status, detail: message, next }
    const explained = {
      message: '扩展程序“demo”没有版本 v9。',
      next: '使用 `chandler extension show demo` 查看其版本。',
    }
    expect(zhCn.data.explainError(new ClientError({ ...problem, arguments: words }))).toEqual(explained)
    expect(en.data.explainError(new ClientError({ ...problem, arguments: words }))).toEqual({ message, next })
    expect(zhCn.data.explainError(new ClientError(problem))).toEqual({ message, next })
    const later = new ClientError({ ...problem, code: 'OfLater', arguments: words })
    expect(zhCn.data.explainError(later)).toEqual({ message, next })
  })
})

describe('the messages of the server in Chinese', () => {
  const reasons = createChineseReasons(zhCn.executions.taskReason)

  test.each(reasonCodes)('%s has a text that uses exactly its arguments, and no English', (code) => {
    const { values, read } = watchArguments(reasonExamples[code])
    const text = (reasons[code] as (of: object) => string)(values)
    expect([...read].sort()).toEqual(Object.keys(reasonExamples[code]).sort())
    // Names that users gave, ids, versions, names of permissions and of products.
    expect(
      text.replaceAll(
        /oos:StartExecution|instance\/|http:https:\/\/demo|CHANDLER_OUTBOUND_ALLOW|demo|admin|exec-7|i-1|debian|v\d|Linux|Windows|Agent|Shell|PowerShell|Debian|(deb|rpm|msi) 软件包|root|setpriv|util-linux|runAs/g,
        '',
      ),
    ).not.toMatch(/[A-Za-z]|undefined/)
    expect(text).not.toBe('')
  })

  test('of a task and of an execution', () => {
    const task = [
      ...makeReason('Part', { number: 2, count: 3, extension: 'demo' }),
      ...makeReason('LostAfterStart'),
      ...makeReason('UnknownUntilBack'),
    ]
    expect(
      zhCn.executions.explainTask({ reasonCode: 'Lost', reason: renderEnglishReason(task), reasonMessages: task }),
    ).toBe('第 2/3 部分（demo）：失去联系时，Agent 已开始执行。在 Agent 恢复连接之前，实例上的实际情况未知。')
    const text = [{ code: 'Text', arguments: { text: 'exit 3' } }] as const
    expect(
      zhCn.executions.explainTask({ reasonCode: 'ScriptFailed', reason: 'exit 3', reasonMessages: text }),
      'the code explains a text that stays as it came',
    ).toBe('脚本执行失败：exit 3')
    const lost = { batch: 1, status: 'Failed', reasonCode: 'Lost', count: 2 } as const
    const { reason } = findVerdict([lost], { cancelRequested: false, strict: false, acceptedFailures: 0 })
    expect(
      zhCn.executions.explainExecution({
        reason: renderEnglishReason(reason),
        reasonMessages: reason,
        counts: { Failed: 2 },
      }),
    ).toBe('失败 2（未收到结果 2）')
  })
})
