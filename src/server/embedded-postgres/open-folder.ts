import { chmod, mkdir } from 'node:fs/promises'

/**
 * Creates a folder that everyone may traverse and list, whatever the umask is. Its parent must
 * exist.
 */
export async function makeOpenFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
  await chmod(path, 0o755)
}
