import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { taskReasonCodes } from '../core/execution.ts'
import { type InstallStepId, installStepIds, type StepResult } from '../core/install-plan.ts'
import type { Logger } from '../lib/logger.ts'
import { type Invocation, invocationSchema, reportEntrySchema } from '../protocol/agent-messages.ts'
import { replaceFile, syncNames } from './replace-file.ts'

/**
 * What is known of each invocation, in STATE/invocations/<id>/ (mode 0700):
 *
 *   invocation.json   as the server sent it, and when: written once; from then on the id is never begun again
 *   state.json        results of the steps, the wish to cancel, the end: replaced durably before whatever it announces
 *   report.jsonl      what was reported (report-log.ts)
 *   <n>/              runtime files of the n-th script that was run: claim, exit, notes, stdout, stderr
 */
const endEntrySchema = reportEntrySchema.options[2]
export type EndEntry = z.infer<typeof endEntrySchema>

const failureSchema = z.object({
  state: z.enum(['failed', 'timedOut', 'cancelled']),
  reasonCode: z.enum(taskReasonCodes),
  reason: z.string(),
  exitCode: z.int().optional(),
})

const journalledStepSchema = z.object({
  id: z.enum(installStepIds),
  result: z.discriminatedUnion('status', [
    z.object({ status: z.literal('begun') }),
    z.object({ status: z.literal('done') }),
    z.object({ status: z.literal('failed'), began: z.boolean(), failure: failureSchema }),
  ]),
  /** The start of the operating system in which it was begun. */
  bootId: z.string(),
  /** Steps that run something. */
  run: z
    .object({
      /** Name of its directory. */
      number: z.int(),
      /** Why it is being ended before its time. */
      stop: z.enum(['timedOut', 'cancelled']).optional(),
      /** Known when it has ended. */
      ranMs: z.number().optional(),
      stdoutBytes: z.int().optional(),
      stderrBytes: z.int().optional(),
    })
    .optional(),
})
export type JournalledStep = z.infer<typeof journalledStepSchema>

const journalStateSchema = z.object({
  /** In the order they were begun. */
  steps: z.array(journalledStepSchema),
  cancelled: z.boolean(),
  end: endEntrySchema.optional(),
  /** What the outcome means for the installed record, until it is written there. */
  change: z
    .union([
      z.enum(['none', 'absent']),
      z.object({ status: z.enum(['installed', 'broken']), recipe: z.enum(['wanted', 'previous']) }),
    ])
    .optional(),
})
export type JournalState = z.infer<typeof journalStateSchema>

export const emptyJournalState = (): JournalState => ({ steps: [], cancelled: false })

export interface JournalEntry {
  readonly invocation: Invocation
  readonly acceptedAt: number
  readonly state: JournalState
}

export interface Journal {
  directoryOf(invocationId: string): string
  /** Entries in the order they were accepted, and ids of those that cannot be read. */
  load(): Promise<{ entries: JournalEntry[]; unreadable: string[] }>
  /** On disk when it returns; nothing is left behind when it throws. */
  add(invocation: Invocation, acceptedAt: number): void
  save(invocationId: string, state: JournalState): void
  /** Moves all that is left of an invocation to `graveyard`, where it is no longer of the journal. */
  bury(invocationId: string, graveyard: string): Promise<void>
}

const acceptedSchema = z.object({ invocation: invocationSchema, acceptedAt: z.int() })

export async function openJournal(directory: string, log: Logger): Promise<Journal> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const directoryOf = (id: string) => join(directory, id)

  async function loadEntry(id: string): Promise<JournalEntry | undefined> {
    try {
      const accepted = acceptedSchema.parse(
        JSON.parse(await readFile(join(directoryOf(id), 'invocation.json'), 'utf8')),
      )
      const text = await readFile(join(directoryOf(id), 'state.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      return {
        ...accepted,
        state: text === undefined ? emptyJournalState() : journalStateSchema.parse(JSON.parse(text)),
      }
    } catch (error) {
      // Cannot come from a crash. Its id stays known: it is never begun again.
      log.error('an invocation in the journal cannot be read', {
        invocationId: id,
        error: String(error),
      })
      return undefined
    }
  }

  return {
    directoryOf,
    async load() {
      const entries: JournalEntry[] = []
      const unreadable: string[] = []
      for (const name of await readdir(directory)) {
        // Killed while it was being accepted: nobody was told that it was.
        if (name.endsWith('.new')) await rm(directoryOf(name), { recursive: true })
        else {
          const entry = await loadEntry(name)
          if (entry) entries.push(entry)
          else unreadable.push(name)
        }
      }
      entries.sort((a, b) => a.acceptedAt - b.acceptedAt)
      return { entries, unreadable }
    },
    add(invocation, acceptedAt) {
      const draft = directoryOf(`${invocation.id}.new`)
      try {
        mkdirSync(draft, { mode: 0o700 })
        replaceFile(join(draft, 'invocation.json'), JSON.stringify({ invocation, acceptedAt }))
        renameSync(draft, directoryOf(invocation.id))
      } catch (error) {
        rmSync(draft, { recursive: true, force: true })
        throw error
      }
      syncNames(directory)
    },
    save: (id, state) => replaceFile(join(directoryOf(id), 'state.json'), JSON.stringify(state)),
    bury: (id, graveyard) => rename(directoryOf(id), join(graveyard, id)),
  }
}

/**
 * The results in the form the decision takes. A workspace is not flushed to disk file by file: one that was prepared before the machine
 * started anew may be full of holes, and is prepared again.
 */
export const historyOf = (state: JournalState, bootId: string): Partial<Record<InstallStepId, StepResult>> =>
  Object.fromEntries(
    state.steps
      .filter((step) => step.bootId === bootId || step.run !== undefined || step.result.status === 'failed')
      .map(({ id, result }) => [id, result]),
  )
