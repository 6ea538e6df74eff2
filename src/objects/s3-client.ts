import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { classifyS3Error, type S3Failure } from './explain-s3-error.ts'

/** Where objects are stored, from the settings of the server. Credentials come from the SDK's own chain. */
export interface S3Settings {
  readonly bucket: string
  /** Folder of all keys, without slashes at its ends; empty: the whole bucket. */
  readonly prefix: string
  readonly region: string
  /** Base URL of the store; absent: AWS. */
  readonly endpoint?: string | undefined
  /** The same as agents reach it, for download URLs; absent: the endpoint. */
  readonly publicEndpoint?: string | undefined
  /** `https://store/bucket/key` instead of `https://bucket.store/key`. */
  readonly pathStyle: boolean
}

/** Attempts of a request after temporary failures (timeouts, 5xx, throttling), with growing delays. */
const maxAttempts = 4
const connectTimeoutMs = 5_000
/** Silence of the store during a request. */
const idleTimeoutMs = 30_000
const maxConnections = 128

/**
 * Receives each request to the store, retries included, until its headers have arrived. `operation` is the
 * SDK's name, such as `PutObject`.
 */
export type MeasureS3Request = (operation: string, seconds: number, result: 'ok' | S3Failure['kind']) => void

/** Two clients: the second one only signs download URLs. */
export function createS3Clients(
  { region, endpoint, publicEndpoint, pathStyle }: S3Settings,
  overrides: S3ClientConfig = {},
  measure?: MeasureS3Request,
): { readonly client: S3Client; readonly signer: S3Client } {
  const config = (url: string | undefined): S3ClientConfig => ({
    region,
    ...(url === undefined ? {} : { endpoint: url }),
    forcePathStyle: pathStyle,
    maxAttempts,
    // Not every compatible store knows the newer checksums. Agents verify the SHA-256 of what they receive.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: idleTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: maxConnections },
      httpsAgent: { maxSockets: maxConnections },
    },
    ...overrides,
  })
  const client = new S3Client(config(endpoint))
  if (measure) measureS3Requests(client, measure)
  return { client, signer: publicEndpoint === undefined ? client : new S3Client(config(publicEndpoint)) }
}

function measureS3Requests(client: S3Client, measure: MeasureS3Request): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (request) => {
        const startMs = performance.now()
        const end = (result: Parameters<MeasureS3Request>[2]) =>
          measure(commandName.replace(/Command$/, ''), (performance.now() - startMs) / 1_000, result)
        try {
          const answer = await next(request)
          end('ok')
          return answer
        } catch (error) {
          end(classifyS3Error(error).kind)
          throw error
        }
      },
    // The first step: around the retries.
    { name: 'measureRequests', step: 'initialize' },
  )
}
