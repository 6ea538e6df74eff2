/** When an agent counts as outgrown. */
export interface MemoryLimits {
  /** Resident memory beyond that of the agent right after its start. */
  readonly growthBytes: number
  /** Time without an open invocation. */
  readonly idleMs: number
}

export interface MemoryObservation {
  readonly rssBytes: number
  /** Resident memory when the agent had just connected for the first time; undefined until then. */
  readonly restBytes: number | undefined
  /** Invocations that run, wait, or are not reported completely. */
  readonly openInvocations: number
  /** How long there has been none. */
  readonly idleMs: number
}

/**
 * Whether an agent has to start again to return memory to the machine: runtimes keep what a large
 * download or a long output needed once. Only an idle agent does, and only one that has grown: its
 * size at rest depends on the runtime.
 */
export const isAgentOutgrown = (
  { rssBytes, restBytes, openInvocations, idleMs }: MemoryObservation,
  limits: MemoryLimits,
): boolean =>
  restBytes !== undefined &&
  openInvocations === 0 &&
  idleMs >= limits.idleMs &&
  rssBytes - restBytes > limits.growthBytes
