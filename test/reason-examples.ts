import type { OutcomeItem, ReasonArguments, ReasonMessageCode } from '../src/core/reason/reason.ts'

const part = { number: 2, count: 3, extension: 'demo' }
const items: readonly OutcomeItem[] = [
  { kind: 'succeeded', count: 97 },
  { kind: 'failed', count: 2, reasons: [{ reasonCode: 'Lost', count: 2 }] },
]

/** Arguments of every message, for the tests of the catalogues. */
export const reasonExamples: { readonly [Code in ReasonMessageCode]: ReasonArguments[Code] } = {
  Text: { text: '7' },
  Part: part,
  PartDone: part,
  WaitsForExecution: { executionId: 'exec-7' },
  RetriedBy: { user: 'admin' },
  FailedAndSkippedBy: { user: 'admin' },
  Rebooting: {},
  CancelledBeforeStart: {},
  CancelledBeforeStartBy: { user: 'admin' },
  CancelledBeforeDelivery: {},
  CancelledBeforeDeliveryBy: { user: 'admin' },
  NotStartedBudgetSpent: { failed: 2, maxErrors: 1 },
  StopUnconfirmed: { seconds: 30 },
  HandOutFailed: { error: '42' },
  HandOutRefused: { error: '42' },
  RepeatedHandOutRefused: { error: '42' },
  DeliveryTimedOut: {},
  ReceiptUnconfirmed: {},
  LostBeforeStart: {},
  LostAfterStart: {},
  RebootTimedOut: { minutes: 10 },
  UnknownUntilBack: {},
  RemovedBeforeStart: {},
  RemovedWhileRunning: {},
  LateAnswer: { state: 'succeeded' },
  BackWithoutRecord: {},
  BackAndNeverReceived: {},
  Accepted: {},
  Resumed: {},
  TaskNamed: {},
  Paused: {},
  FailuresToDecide: { failed: 2 },
  NextTaskToName: {},
  FailedTasksToDecide: {},
  BatchDone: { batch: 1, batchCount: 3, next: 2 },
  BatchOpen: { batch: 1, batchCount: 3 },
  TasksWaitForOthers: { count: 4 },
  Cancelling: { running: 5 },
  BudgetSpent: { failed: 2, maxErrors: 1, running: 5 },
  CompletedAsFailed: {},
  Outcome: { items },
  OutcomeSoFar: { items },
}

export const reasonCodes = Object.keys(reasonExamples) as ReasonMessageCode[]

/** The arguments of a message, and which of them were read. */
export function watchArguments(values: object): { readonly values: object; readonly read: ReadonlySet<string> } {
  const read = new Set<string>()
  const watched = new Proxy(values, {
    get(target, name, receiver) {
      read.add(String(name))
      return Reflect.get(target, name, receiver) as unknown
    },
  })
  return { values: watched, read }
}
