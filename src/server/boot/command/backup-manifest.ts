import { z } from 'zod'
import { OperatorError } from '../../../lib/operator-error.ts'

/** The entry of an archive that identifies it as a backup. */
export const backupManifestName = 'chandler-backup.json'

const schema = z.object({ format: z.literal(1), createdAt: z.iso.datetime() })

export const renderBackupManifest = (createdAt: Date): string =>
  `${JSON.stringify({ format: 1, createdAt: createdAt.toISOString() })}\n`

/**
 * When the backup was made.
 * @throws OperatorError if it is not a backup of this format
 */
export function readBackupManifest(text: string): Date {
  try {
    return new Date(schema.parse(JSON.parse(text)).createdAt)
  } catch (error) {
    throw new OperatorError('The archive is not a backup of Chandler, or was written by a newer version.', {
      cause: error,
    })
  }
}
