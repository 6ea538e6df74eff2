import { fileNameOf, validateObjectKey } from '../core/artifact/artifact-object.ts'
import type { ObjectName } from '../core/artifact/object-name.ts'
import { bucketNameSchema } from '../protocol/configuration.ts'
import { UsageError } from './usage-error.ts'

/**
 * `BUCKET/KEY`. With `fileName` the key may be a folder (empty, or with a trailing `/`): the file
 * name is appended.
 */
export function parseObjectName(text: string, fileName = ''): ObjectName {
  const [, bucket = '', path] = /^([^/]*)\/(.*)$/s.exec(text) ?? []
  if (path === undefined) throw notAnObject(text, 'the slash is missing')
  const named = bucketNameSchema.safeParse(bucket)
  if (!named.success) throw notAnObject(text, `the bucket name ${named.error.issues[0]?.message}`)
  const key = fileNameOf(path) === '' ? path + fileName : path
  const problem = validateObjectKey(key)
  if (problem) throw notAnObject(text, `the key ${problem}`)
  return { bucket, key }
}

const notAnObject = (text: string, reason: string) =>
  new UsageError(`"${text}" is not a valid object name: ${reason}`, 'Use BUCKET/KEY, such as my-ext/demo/demo-1.0.rpm.')
