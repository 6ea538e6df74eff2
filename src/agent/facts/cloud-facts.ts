import type { CloudFacts } from '../../core/instance/facts.ts'
import type { Logger } from '../../lib/logger.ts'
import { alibaba } from './cloud/alibaba.ts'
import { aws } from './cloud/aws.ts'
import { azure } from './cloud/azure.ts'
import { gcp } from './cloud/gcp.ts'
import { type Cloud, createMetadata } from './cloud/metadata.ts'
import type { Dmi } from './dmi.ts'

const clouds: readonly Cloud[] = [alibaba, aws, azure, gcp]

/** All that is asked of one service must have come by then; on its own network it takes milliseconds. */
const timeoutMs = 1_000

export interface CloudOptions {
  readonly dmi: Dmi
  /** Where services answer, if not at their own address. */
  readonly metadataUrls?: Partial<Record<CloudFacts['provider'], string>>
  readonly log: Logger
}

/**
 * What the metadata service of this instance's cloud says. Only a service is asked whose cloud the firmware names: on a machine of one's
 * own the addresses of these services may belong to anybody. Undefined if there is none, or it does not answer.
 */
export async function askCloud({ dmi, metadataUrls = {}, log }: CloudOptions): Promise<CloudFacts | undefined> {
  const candidates = clouds.filter((cloud) => cloud.isHere(dmi))
  const answers = await Promise.all(
    candidates.map(async (cloud) => {
      const url = metadataUrls[cloud.provider] ?? cloud.metadataUrl
      try {
        return await cloud.ask(createMetadata(url, timeoutMs, AbortSignal.timeout(timeoutMs)))
      } catch (error) {
        log.warn(`the metadata service of ${cloud.provider} does not answer: ${(error as Error).message}`)
        return undefined
      }
    }),
  )
  return answers.find((answer) => answer !== undefined)
}
