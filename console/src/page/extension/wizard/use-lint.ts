import { useEffect, useMemo, useState } from 'react'
import type { Client } from '../../../../../src/client/client.ts'
import { ClientError, UnreachableError } from '../../../../../src/client/client-error.ts'
import { validateExtensionName } from '../../../../../src/core/extension/name.ts'
import { useConsoleData } from '../../../data/console-data.tsx'
import type { PlacedProblem } from './place-problems.ts'
import { renderExtensionRequest, renderVersionRequest } from './render-request.ts'
import type { WizardDraft } from './wizard-draft.ts'

type Problem = PlacedProblem & { readonly path: readonly (string | number)[] }

export interface Lint {
  readonly problems: readonly Problem[]
  /** Name of another extension. */
  readonly isNameTaken: boolean
  /** The problems belong to the current draft. */
  readonly isCurrent: boolean
  readonly error: ClientError | undefined
  readonly retry: () => void
}

/** Debounce while typing. */
const restMs = 300
const retryMs = 2_000

/**
 * Validates the draft on the server after each pause in typing. The previous result stays until the
 * new one arrives.
 */
export function useLint(draft: WizardDraft): Lint {
  const { clientFor, queries } = useConsoleData()
  const isNew = draft.base === undefined
  const text = useMemo(
    () => JSON.stringify(isNew ? renderExtensionRequest(draft) : renderVersionRequest(draft)),
    [draft, isNew],
  )
  const [answer, setAnswer] = useState<Answer & { readonly of: string }>({ ...nothing, of: '' })
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt repeats the request
  useEffect(() => {
    const ending = new AbortController()
    let retrying: ReturnType<typeof setTimeout> | undefined
    const timer = setTimeout(() => {
      lint(clientFor(ending.signal), text, isNew).then(
        (found) => ending.signal.aborted || setAnswer({ ...found, of: text }),
        (error: unknown) => {
          if (ending.signal.aborted) return
          if (!(error instanceof ClientError)) throw error
          if (error.status === 401) queries.refresh()
          setAnswer((before) => ({ ...before, error, of: text }))
          if (error instanceof UnreachableError) retrying = setTimeout(() => setAttempt((last) => last + 1), retryMs)
        },
      )
    }, restMs)
    return () => {
      clearTimeout(timer)
      clearTimeout(retrying)
      ending.abort()
    }
  }, [text, isNew, attempt, clientFor, queries])
  return {
    ...answer,
    isCurrent: answer.of === text,
    retry: () => {
      setAnswer((before) => ({ ...before, error: undefined, of: '' }))
      setAttempt((last) => last + 1)
    },
  }
}

interface Answer {
  readonly problems: readonly Problem[]
  readonly isNameTaken: boolean
  readonly error: ClientError | undefined
}
const nothing: Answer = { problems: [], isNameTaken: false, error: undefined }

async function lint(client: Client, text: string, isNew: boolean): Promise<Answer> {
  const request = JSON.parse(text) as { readonly name?: string }
  const name = isNew && validateExtensionName(request.name ?? '') === undefined ? request.name : undefined
  const [{ problems }, isNameTaken] = await Promise.all([
    client.extensions.lint(request),
    name !== undefined && client.extensions.exists(name),
  ])
  return { problems, isNameTaken, error: undefined }
}
