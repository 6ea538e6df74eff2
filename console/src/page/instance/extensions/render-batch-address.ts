import { writeUrlState } from '../../../url/use-url-state.ts'
import { type BatchPageState, batchPageSchema } from '../../batch/batch-state.ts'

/** Address of the batch page with prefilled fields. */
export const renderBatchAddress = (known: Partial<BatchPageState>): string =>
  `/batch?${writeUrlState(batchPageSchema, '', known)}`
