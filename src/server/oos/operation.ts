import type { z } from 'zod'
import type { Actor, AppContext } from '../app/context.ts'

/**
 * One operation of the OOS API (version 2019-06-01): its parameters, its permissions and its use
 * case. A file in `operation/` has one, and `operations.ts` lists them all; router, authorisation
 * and docs/oos-compatibility.md are derived from that list.
 */
export interface OosOperation<Input = unknown> {
  /** The action of a call, such as `CreateTemplate`; its RAM action is `oos:CreateTemplate`. */
  readonly name: string
  /** For docs/oos-compatibility.md: `works`, or a sentence that describes what is missing. */
  readonly state: 'works' | { readonly partly: string }
  /**
   * Every parameter arrives as text (reference: all parameters are strings of the query or form),
   * so the schema consists of `fields.ts`; strict, so that a misspelt one is an error. The router
   * removes the common parameters (`Action`, `Format`, `RegionId`, those of the signature) and
   * empty ones.
   */
  readonly parameters: z.ZodType<Input>
  /**
   * The resources that the operation applies to, as the relative part of ARNs (`template/NAME`,
   * `execution/ID`); `*` or none if it applies to no particular one. The caller needs permission
   * for all.
   */
  readonly resources: (input: Input) => readonly string[]
  /**
   * Returns the response without its RequestId. Throws catalogue errors; `error-codes.ts` maps them
   * to codes of OOS.
   */
  readonly run: (call: OosCall, input: Input) => Promise<Readonly<Record<string, unknown>>>
}

/** The context of one call. */
export interface OosCall {
  readonly context: AppContext
  readonly actor: Actor
  /** `HOST:PORT` as in the client's request. */
  readonly endpoint: string
}

/** Infers the input type of `resources` and `run` from the schema, and erases it for the list. */
export const defineOperation = <Input>(operation: OosOperation<Input>): OosOperation => operation as OosOperation
