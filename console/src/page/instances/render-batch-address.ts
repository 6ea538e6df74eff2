import { writeUrlState } from '../../url/use-url-state.ts'
import { type BatchState, batchSchema } from '../batch/batch-state.ts'

/** The page of batches with what is known filled in. */
export const renderBatchAddress = (known: Pick<BatchState, 'action' | 'extension' | 'version' | 'instances'>): string =>
  `/batch?${writeUrlState(batchSchema, '', known)}`
