import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { playScenario } from './play-scenario.ts'

// A scenario is a text file of commands with their expected results beneath. To write one, write
// its commands (`> …`), run `npx vitest run test/scenarios --update`, and review the results.

const folder = new URL('./', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'))

test('there are scenarios', () => {
  expect(names.length).toBeGreaterThan(5)
})

test.each(names)('%s', async (name) => {
  const path = new URL(name, folder).pathname
  await expect(playScenario(readFileSync(path, 'utf8'))).toMatchFileSnapshot(path)
})

describe('an invalid line is refused, with its number', () => {
  test.each([
    ['> fly a', 'fly is no command; there are start, fetch'],
    ['> start a target=1', '"target=1" is no setting; there are targets, extension'],
    ['> start a targets=x', '"x" is no list such as 1-3,7'],
    ['> start a pause=often', '"often" is none of Automatic, FirstBatchPause, EveryBatchPause'],
    ['> wait long', '"long" is no duration such as 30s'],
    ['> resume b', 'there is no execution b'],
    ['> end 4 succeeded', 'instance 4 was given nothing'],
  ])('%s', (line, message) => {
    expect(() => playScenario(`# one\n${line}`)).toThrow(`"${line}" (command or comment 2): ${message}`)
  })
})
