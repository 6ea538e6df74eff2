import { expect, test } from 'vitest'
import { applySteps, StepsFailed, type Undo } from './apply-steps.ts'
import type { SetupStep } from './plan-setup.ts'

const steps = ['a', 'b', 'c'].map((text): SetupStep => ({ kind: 'say', text }))
const idle = new AbortController().signal
const nameOf = (step: SetupStep) => (step.kind === 'say' ? step.text : step.kind)

/** Performs steps into a list, fails at some, and fails to put some back. */
function record(failsAt?: string, staysAt?: string) {
  const events: string[] = []
  const perform = async (step: SetupStep, onUndo: (undo: Undo) => void) => {
    const name = nameOf(step)
    if (name === failsAt) throw new Error(`no ${name}`)
    events.push(name)
    onUndo(async () => {
      if (name === staysAt) throw new Error(`${name} stays`)
      events.push(`undo ${name}`)
    })
  }
  return { events, perform }
}

test('the steps are performed in order', async () => {
  const { events, perform } = record()
  await applySteps(steps, perform, idle)
  expect(events).toEqual(['a', 'b', 'c'])
})

test('when one fails, the earlier ones are put back, last first', async () => {
  const { events, perform } = record('c')
  const failed = await applySteps(steps, perform, idle).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(StepsFailed)
  expect(failed).toMatchObject({ message: 'no c', hadChanges: true, unfinished: [] })
  expect(events).toEqual(['a', 'b', 'undo b', 'undo a'])
})

test('a step that fails after a change of its own is put back, too', async () => {
  const events: string[] = []
  const halfWay = async (_: SetupStep, onUndo: (undo: Undo) => void) => {
    onUndo(async () => void events.push('undo'))
    throw new Error('half way')
  }
  await expect(applySteps(steps, halfWay, idle)).rejects.toMatchObject({ message: 'half way', hadChanges: true })
  expect(events).toEqual(['undo'])
})

test('what cannot be put back is named, and the rest is put back', async () => {
  const { events, perform } = record('c', 'b')
  await expect(applySteps(steps, perform, idle)).rejects.toMatchObject({ message: 'no c', unfinished: ['b stays'] })
  expect(events).toEqual(['a', 'b', 'undo a'])
})

test('a failure of the first step has changed nothing', async () => {
  await expect(applySteps(steps, record('a').perform, idle)).rejects.toMatchObject({ hadChanges: false })
})

test('an interruption between two steps puts everything back', async () => {
  const stop = new AbortController()
  const { events, perform } = record()
  const interrupting = (step: SetupStep, onUndo: (undo: Undo) => void) => {
    if (nameOf(step) === 'b') stop.abort()
    return perform(step, onUndo)
  }
  await expect(applySteps(steps, interrupting, stop.signal)).rejects.toMatchObject({ message: 'interrupted' })
  expect(events).toEqual(['a', 'b', 'undo b', 'undo a'])
})
