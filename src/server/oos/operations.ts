import { describeRegions } from './operation/describe-regions.ts'
import type { OosOperation } from './operation.ts'

/** Every operation of the OOS API that there is here, by name. */
export const operations: readonly OosOperation[] = [describeRegions]
