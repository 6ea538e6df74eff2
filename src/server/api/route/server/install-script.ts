/** The lines of install.sh and install.ps1 that the server replaces. */
const placeholders = ["\ndefault_server=''\n", "\n$DefaultServer = ''\n"]

/**
 * Renders the script that `curl -fsSL URL/install.sh | sudo sh -s -- --token ct_…` runs as root,
 * with this server's address in it.
 * @param script the text of src/server/agent-bundle/install.sh, or of install.ps1 for Windows
 * @param server absent, or with characters that are not allowed in an address: the script requires
 * --server
 */
export function renderInstallScript(script: string, server: string | undefined): string {
  const placeholder = placeholders.find((line) => script.includes(line))
  if (placeholder === undefined) throw new Error('the install script has no line for the address of the server')
  const address = server !== undefined && isPlainAddress(server) ? server : ''
  return script.replace(placeholder, () => placeholder.replace("''", `'${address}'`))
}

/** Excludes every character that is special in a shell or a unit file. */
const isPlainAddress = (address: string) =>
  /^https?:\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9a-fA-F:.]{2,45}\])(?::\d{1,5})?(?:\/[A-Za-z0-9._~/-]{0,200})?$/.test(
    address,
  )
