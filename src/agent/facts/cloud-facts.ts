import type { CloudFacts } from '../../core/instance/facts.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Dmi } from '../platform/machine.ts'
import { alibaba } from './cloud/alibaba.ts'
import { aws } from './cloud/aws.ts'
import { azure } from './cloud/azure.ts'
import { gcp } from './cloud/gcp.ts'
import { type Cloud, createMetadata } from './cloud/metadata.ts'

const clouds: readonly Cloud[] = [alibaba, aws, azure, gcp]

/** Total timeout of one metadata service; on its own network it answers in milliseconds. */
const timeoutMs = 1_000

export interface CloudOptions {
  readonly dmi: Dmi
  /** Base URLs of services, if not the default ones. */
  readonly metadataUrls?: Partial<Record<CloudFacts['provider'], string>>
  readonly log: Logger
}

/**
 * Metadata of this instance's cloud. Queries only the service of the cloud that the firmware names:
 * on an on-premises machine, the addresses of these services may belong to any host. Undefined if
 * there is none, or it does not answer.
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
