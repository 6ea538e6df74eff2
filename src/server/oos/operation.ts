import type { z } from 'zod'
import type { Actor, AppContext } from '../app/context.ts'

/**
 * One operation of the OOS API (version 2019-06-01): what it takes, whom it is for, and which use case it calls. A file in `operation/` has
 * one, `operations.ts` lists them all; router, authorisation and docs/oos-compatibility.md follow from that list.
 */
export interface OosOperation<Input = unknown> {
  /** As it is called, such as `CreateTemplate`; its RAM action is `oos:CreateTemplate`. */
  readonly name: string
  /** For docs/oos-compatibility.md: `works`, or a sentence that says what is missing. */
  readonly state: 'works' | { readonly partly: string }
  /**
   * Everything travels as text (reference: all parameters are strings of the query or form), so the schema is of `fields.ts`; strict, so
   * that a misspelt one is an error. The common ones (`Action`, `Format`, `RegionId`, the signature's) never get here, nor do empty ones.
   */
  readonly parameters: z.ZodType<Input>
  /** What it is done to, as the relative part of ARNs (`template/NAME`, `execution/ID`); `*` or none where it is nothing in particular. All must be allowed. */
  readonly resources: (input: Input) => readonly string[]
  /** The answer without its RequestId. Throws errors of the catalogue; `error-codes.ts` says what clients of OOS see of them. */
  readonly run: (call: OosCall, input: Input) => Promise<Readonly<Record<string, unknown>>>
}

export interface OosCall {
  readonly context: AppContext
  readonly actor: Actor
  /** `HOST:PORT` as the client called it. */
  readonly endpoint: string
}

/** Types the input of `resources` and `run` by the schema, and forgets it for the list. */
export const defineOperation = <Input>(operation: OosOperation<Input>): OosOperation => operation as OosOperation
