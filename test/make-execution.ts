import type { ExecutionView, TaskView } from '../src/protocol/api/executions.ts'

/**
 * An execution as the API returns it: install of demo v1 on three targets, in batches of 1 and 2.
 */
export const makeExecution = (fields: Partial<ExecutionView> = {}): ExecutionView => ({
  id: 'exec-a',
  status: 'Running',
  reasonCode: 'Dispatching',
  reason: 'work is handed out',
  action: 'install',
  extension: 'demo',
  version: 'v1',
  operation: { kind: 'extension', action: 'install', extension: 'demo', version: 'v1' },
  description: '',
  targets: { kind: 'all' },
  mode: 'Automatic',
  strict: false,
  skipOffline: false,
  rateControl: { mode: 'Batch', concurrency: 20, batchPause: 'Automatic', maxErrors: 0, batchCount: 2 },
  counts: { Pending: 3, Running: 0, Rebooting: 0, Success: 0, Failed: 0, Cancelled: 0, Skipped: 0 },
  reasons: [],
  batches: [makeBatch(1, 1), makeBatch(2, 2)],
  openBatch: 1,
  taskCount: 3,
  revision: 1,
  tags: {},
  resourceGroup: '',
  createdBy: 'admin',
  createdAt: '2026-01-01T00:00:00Z',
  ...fields,
})

export const makeBatch = (number: number, size: number, fields: Partial<ExecutionView['batches'][number]> = {}) => ({
  number,
  size,
  pending: size,
  running: 0,
  rebooting: 0,
  success: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
  ...fields,
})

/** A task as the API returns it, on the instance `web-<ordinal>`. */
export const makeTask = (ordinal: number, fields: Partial<TaskView> = {}): TaskView => ({
  id: `task-a-${ordinal}`,
  ordinal,
  batch: 1,
  instanceId: `i-${ordinal}`,
  instanceName: `web-${ordinal}`,
  step: 'install',
  status: 'Running',
  reasonCode: 'Dispatched',
  reason: '',
  attempt: 1,
  revision: ordinal,
  ...fields,
})
