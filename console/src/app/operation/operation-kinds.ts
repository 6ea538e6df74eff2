import type { ExecutionView, TaskView } from '../../../../src/protocol/api/executions.ts'
import type { OperationView, OperationViewOf } from '../../../../src/protocol/api/operations.ts'
import { renderVersions } from './render-versions.ts'

/** Planned change of one extension. */
export interface PlannedChange {
  readonly name: string
  readonly step: TaskView['step']
  /** For example `v1 → v2`. */
  readonly versions: string
}

type PlannedTask = Pick<TaskView, 'step' | 'fromVersion' | 'toVersion' | 'parts'>

/**
 * What pages need from one kind of operation. Methods, so that one kind's entry fits the table of
 * all kinds.
 */
interface OperationPages<Shown extends OperationView = OperationView> {
  /** Names of the extensions that it changes. */
  extensions(operation: Shown): readonly string[]
  /** What a task does to each extension; empty if it changes none. */
  changes(operation: Shown, task: PlannedTask): PlannedChange[]
  /** The script that it runs, if the server included one. */
  script(operation: Shown): string | undefined
  /** The page of what it changes. */
  page(operation: Shown): string | undefined
  /** The operation, if the batch page can start it. */
  batch(operation: Shown): BatchOperation | undefined
}

/** What the batch page prefills its form with. */
export type BatchOperation =
  | OperationViewOf<'extension'>
  | { readonly action: 'upgradeAgents'; readonly connectTimeoutMs: number }

const none = () => undefined

const describeParts = ({ parts = [] }: PlannedTask): PlannedChange[] =>
  parts.map((part) => ({ name: part.extension, step: part.step, versions: renderVersions(part) }))

const kinds = {
  extension: {
    extensions: ({ extension }) => [extension],
    changes: ({ extension }, { step, fromVersion, toVersion }) => [
      { name: extension, step, versions: renderVersions({ fromVersion, toVersion }) },
    ],
    script: none,
    page: ({ extension }) => `/extensions/${encodeURIComponent(extension)}`,
    batch: (operation) => operation,
  },
  extensions: {
    extensions: ({ extensions }) => extensions.map(({ extension }) => extension),
    changes: (_, task) => describeParts(task),
    script: none,
    page: none,
    batch: none,
  },
  command: { extensions: () => [], changes: () => [], script: ({ content }) => content, page: none, batch: none },
  osPackage: { extensions: () => [], changes: () => [], script: none, page: none, batch: none },
  agentUpgrade: {
    extensions: () => [],
    changes: () => [],
    script: none,
    page: none,
    batch: ({ connectTimeoutMs }) => ({ action: 'upgradeAgents', connectTimeoutMs }),
  },
  rollback: {
    extensions: ({ extensions }) => extensions.map(({ extension }) => extension),
    changes: (_, task) => describeParts(task),
    script: none,
    page: ({ execution }) => `/executions/${encodeURIComponent(execution)}`,
    batch: none,
  },
} satisfies { readonly [Kind in OperationView['kind']]: OperationPages<OperationViewOf<Kind>> }

const pagesOf = ({ kind }: OperationView): OperationPages => kinds[kind]

/** Names of the extensions that an operation changes. */
export const changedExtensions = (operation: OperationView): readonly string[] =>
  pagesOf(operation).extensions(operation)

/**
 * What a task does to each extension; empty for a command and for OS packages, which the operation
 * names.
 */
export const describeTaskPlan = (operation: ExecutionView['operation'], task: PlannedTask): PlannedChange[] =>
  pagesOf(operation).changes(operation, task)

/** The script that an operation runs, if the server included one. */
export const shownScript = (operation: OperationView): string | undefined => pagesOf(operation).script(operation)

/** The page of what an operation changes; undefined if it changes no single extension. */
export const operationPage = (operation: OperationView): string | undefined => pagesOf(operation).page(operation)

/** The operation, if the batch page can start it; undefined for other kinds. */
export const batchOperation = (operation: OperationView): BatchOperation | undefined =>
  pagesOf(operation).batch(operation)
