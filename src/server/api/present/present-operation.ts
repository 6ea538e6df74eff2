import type { z } from 'zod'
import {
  type Operation,
  type OperationKind,
  type OperationOf,
  type OperationPart,
  readActionOptions,
  readRebootOptions,
} from '../../../core/execution/operation.ts'
import { showVersion } from '../../../core/extension/extension.ts'
import type { executionSummarySchema } from '../../../protocol/api/executions.ts'
import type { OperationView } from '../../../protocol/api/operations.ts'

/** An optional text under a given name. */
export type Absent<Name extends string> = { readonly [Key in Name]?: string }

/** A version as text (`v3`) under the given name; empty if there is none. */
export const version = <Name extends string>(name: Name, number: number | null | undefined): Absent<Name> =>
  (number === null || number === undefined || number === 0 ? {} : { [name]: showVersion(number) }) as Absent<Name>

type OperationSummary = Pick<z.input<typeof executionSummarySchema>, 'action' | 'extension' | 'version'>

/**
 * How one kind of operation appears in the API. Methods, so that one kind's entry fits the table of
 * all kinds.
 */
interface OperationPresenter<Shown extends Operation = Operation> {
  /** The fields of a summary that older clients read. */
  summarize(operation: Shown): OperationSummary
  /** All fields, without values. @param content script of a command; null = leave it out */
  view(operation: Shown, content: string | null): OperationView
}

const presenters = {
  extension: {
    summarize: ({ action, extensionName, version: number }) => ({
      action,
      extension: extensionName,
      ...version('version', number),
    }),
    view: (operation) => ({
      kind: operation.kind,
      action: operation.action,
      ...viewPart(operation),
      ...readActionOptions(operation),
    }),
  },
  extensions: {
    summarize: ({ action }) => ({ action }),
    view: (operation) => ({
      kind: operation.kind,
      action: operation.action,
      extensions: operation.parts.map(viewPart),
      ...readActionOptions(operation),
    }),
  },
  command: {
    summarize: () => ({ action: 'run' }),
    view: ({ kind, type, runAs, workDir, timeoutMs, ...options }, content) => ({
      kind,
      type,
      runAs,
      workDir,
      timeoutMs,
      ...readRebootOptions(options),
      ...(content === null ? {} : { content }),
    }),
  },
  osPackage: {
    summarize: ({ action }) => ({ action }),
    view: (operation) => {
      const { kind, action, installer, names, timeoutMs } = operation
      return { kind, action, installer, names: [...names], timeoutMs, ...readActionOptions(operation) }
    },
  },
  agentUpgrade: {
    summarize: () => ({ action: 'update' }),
    view: ({ kind, version: name, connectTimeoutMs }) => ({ kind, version: name, connectTimeoutMs }),
  },
  rollback: {
    summarize: () => ({ action: 'rollback' }),
    view: ({ kind, executionId: execution, parts, ...options }) => ({
      kind,
      execution,
      extensions: parts.map(({ extensionName: extension }) => ({ extension })),
      ...readRebootOptions(options),
    }),
  },
} satisfies { readonly [Kind in OperationKind]: OperationPresenter<OperationOf<Kind>> }

const presenterOf = ({ kind }: Operation): OperationPresenter => presenters[kind]

/**
 * Presents an execution's operation without any values: in the short form of earlier releases, and
 * in full.
 */
export const presentOperation = (
  operation: Operation,
): OperationSummary & Pick<z.input<typeof executionSummarySchema>, 'operation'> => ({
  ...presenterOf(operation).summarize(operation),
  operation: presentOperationView(operation, null),
})

/**
 * All fields of an operation, without values.
 * @param content script of a command; null = leave it out
 */
export const presentOperationView = (operation: Operation, content: string | null): OperationView =>
  presenterOf(operation).view(operation, content)

const viewPart = ({ extensionName, version: number }: OperationPart) => ({
  extension: extensionName,
  ...version('version', number),
})
