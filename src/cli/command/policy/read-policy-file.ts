import { readFile, stat } from 'node:fs/promises'
import { parsePolicy } from '../../../core/access/parse-policy.ts'
import { maxPolicyBytes } from '../../../core/limits.ts'
import { readYaml } from '../../extension/yaml-document.ts'
import { UsageError } from '../../usage-error.ts'

/** Leaves room for comments and indentation of a document within the limit. */
const maxFileBytes = 4 * maxPolicyBytes

/**
 * Reads a policy document from a JSON or YAML file and validates it before the request, with the
 * server's messages.
 * @throws UsageError
 */
export async function readPolicyFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { size } = await stat(file)
  if (size > maxFileBytes)
    throw new UsageError(`${file} is larger than ${maxFileBytes} bytes`, 'Split it into several policies.')
  const read = readYaml(file, await readFile(file, 'utf8'))
  if ('problems' in read) {
    const [first] = read.problems
    throw new UsageError(`${file}:${first?.line}:${first?.column}: ${first?.message}`, 'Correct the file.')
  }
  const { value } = read.document
  const parsed = parsePolicy(value)
  if ('problems' in parsed)
    throw new UsageError(
      `${file}: ${parsed.problems.join('; ')}`,
      'Correct the file; docs/access.md describes policy documents.',
    )
  return value as Readonly<Record<string, unknown>>
}
