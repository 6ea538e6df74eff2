import type { CallOos, OosAnswer } from './clients.ts'

export const temporaryUrlTemplate = 'ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL'

export const targetsOf = (resourceIds: readonly string[]) => ({
  Type: 'ResourceIds',
  ResourceIds: resourceIds,
  RegionId: 'cn-hangzhou',
})

/** Shorthands for calls about executions. */
export const makeExecutionCalls = (call: CallOos) => ({
  /** Of the extension `demo`, unless the parameters name another. */
  async start(
    targets: readonly string[],
    parameters: Readonly<Record<string, unknown>> = {},
    request: Readonly<Record<string, string>> = {},
  ): Promise<OosAnswer> {
    const values = { packageName: 'demo', targets: targetsOf(targets), ...parameters }
    const Parameters = JSON.stringify(values)
    const { Execution } = await call('StartExecution', { TemplateName: temporaryUrlTemplate, Parameters, ...request })
    return Execution
  },
  show: async (id: string): Promise<OosAnswer> =>
    (await call('ListExecutions', { ExecutionId: id })).Executions[0] as OosAnswer,
  listTasks: async (id: string, parameters: Readonly<Record<string, string>> = {}): Promise<OosAnswer[]> =>
    (await call('ListTaskExecutions', { ExecutionId: id, ...parameters })).TaskExecutions,
  /** The error code that a script receives. */
  errorOf: (action: string, parameters: Readonly<Record<string, string>> = {}): Promise<string> =>
    call(action, parameters).then(
      () => 'no error',
      (error: { code: string }) => error.code,
    ),
})
