import { access, constants } from 'node:fs/promises'

type Command = readonly [program: string, ...commandArguments: string[]]

/** Folders of system tools; root's PATH need not contain all of them. */
const toolFolders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

/**
 * The commands that create a system user with its own group and without home directory, shell and
 * password.
 */
export async function listCreateCommands(name: string, comment = 'Chandler'): Promise<Command[]> {
  const rest = ['--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', '--comment', comment, name]
  if (await isShadow()) return [['useradd', '--system', '--user-group', '--no-create-home', ...rest]]
  return [
    ['addgroup', '-S', name],
    ['adduser', '-S', '-D', '-H', '-h', '/nonexistent', '-s', '/sbin/nologin', '-g', comment, '-G', name, name],
  ]
}

/** The commands that remove a user and its group. */
export async function listRemoveCommands(name: string): Promise<Command[]> {
  return (await isShadow()) ? [['userdel', name]] : [['deluser', name]]
}

/**
 * Whether the tools are those of the shadow suite, as in most distributions; Alpine has BusyBox,
 * with other options.
 */
async function isShadow(): Promise<boolean> {
  const found = await Promise.all(
    toolFolders.map((folder) =>
      access(`${folder}/useradd`, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}
