import { writeUrlState } from '../../../url/use-url-state.ts'
import { type BatchState, batchSchema } from '../../batch/batch-state.ts'

/** The page of batches with what is known filled in. */
export const renderBatchAddress = (known: Partial<BatchState>): string =>
  `/batch?${writeUrlState(batchSchema, '', known)}`
