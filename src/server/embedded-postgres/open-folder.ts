import { chmod, mkdir } from 'node:fs/promises'

/** A folder that everyone may pass through and list, whatever our umask is. Its parent is there already. */
export async function makeOpenFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
  await chmod(path, 0o755)
}
