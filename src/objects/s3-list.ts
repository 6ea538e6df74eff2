import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { explainS3Error } from './explain-s3-error.ts'
import type { S3Place } from './s3-upload.ts'

export interface ListedKey {
  readonly key: string
  readonly sizeBytes: number
  readonly changedAt: Date
}

/** Every object below a prefix, in the order of the keys. */
export async function* listKeys({ client, bucket }: S3Place, prefix: string): AsyncGenerator<ListedKey> {
  let token: string | undefined
  do {
    const page = await explainS3Error(() =>
      client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })),
    )
    for (const { Key = '', Size = 0, LastModified = new Date() } of page.Contents ?? [])
      yield { key: Key, sizeBytes: Size, changedAt: LastModified }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

export interface ListedUpload {
  readonly key: string
  readonly uploadId: string
  readonly startedAt: Date
}

/** Every upload in parts below a prefix that was neither completed nor aborted. */
export async function* listMultipartUploads({ client, bucket }: S3Place, prefix: string): AsyncGenerator<ListedUpload> {
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {}
  do {
    const request: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
      Bucket: bucket,
      Prefix: prefix,
      ...markers,
    })
    const page = await explainS3Error(() => client.send(request))
    for (const { Key = '', UploadId = '', Initiated = new Date() } of page.Uploads ?? [])
      if (Key.startsWith(prefix)) yield { key: Key, uploadId: UploadId, startedAt: Initiated }
    markers = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined
  } while (markers !== undefined)
}
