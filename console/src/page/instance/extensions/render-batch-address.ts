import { writeUrlState } from '../../../url/use-url-state.ts'
import { type BatchPageState, batchPageSchema } from '../../batch/batch-state.ts'

/** The page of batches with what is known filled in. */
export const renderBatchAddress = (known: Partial<BatchPageState>): string =>
  `/batch?${writeUrlState(batchPageSchema, '', known)}`
