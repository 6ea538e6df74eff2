/** What an exit code of msiexec means for the action that was asked for. */
export type MsiVerdict =
  | { readonly kind: 'done'; readonly needsReboot: boolean }
  /** Nothing had to be done. */
  | { readonly kind: 'nothing' }
  /** Another installation is in progress: try again. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly meaning: string }

/**
 * As documented by Microsoft (MsiExec.exe and InstMsi.exe error messages).
 * @param code of the process, 32 bits, unsigned
 */
export function judgeMsiExit(action: 'install' | 'uninstall', code: number): MsiVerdict {
  switch (code) {
    case 0:
      return { kind: 'done', needsReboot: false }
    // ERROR_SUCCESS_REBOOT_INITIATED, ERROR_SUCCESS_REBOOT_REQUIRED
    case 1641:
    case 3010:
      return { kind: 'done', needsReboot: true }
    case 1618:
      return { kind: 'busy' }
    case 1605:
      if (action === 'uninstall') return { kind: 'nothing' }
  }
  return { kind: 'failed', meaning: meanings[code] ?? 'Windows Installer failed' }
}

const meanings: Readonly<Record<number, string>> = {
  5: 'access was denied',
  13: 'the data is invalid',
  87: 'a parameter of the command line is invalid',
  1601: 'the Windows Installer service could not be accessed',
  1602: 'the installation was cancelled',
  1603: 'a fatal error occurred during the installation',
  1604: 'the installation was suspended and is incomplete',
  1605: 'the product is not installed',
  1606: 'the feature is not registered',
  1612: 'the source of the installed product is not available',
  1613: 'a newer version of Windows Installer is needed',
  1614: 'the product has been uninstalled',
  1619: 'the package could not be opened',
  1620: 'the file is no package of Windows Installer',
  1622: 'the log file could not be opened',
  1623: 'the language of the package is not supported on this system',
  1624: 'a transform could not be applied',
  1625: 'the system policy forbids this installation',
  1627: 'a custom action failed',
  1628: 'a parameter is invalid or unknown',
  1631: 'the Windows Installer service could not start',
  1632: 'the folder for temporary files is full or not accessible',
  1633: 'the package is not for the processor of this machine',
  1634: 'a component is not used on this machine',
  1638: 'another version of the product is installed; it has to be removed first',
  1639: 'a parameter of the command line is invalid',
  1640: 'packages cannot be installed in this remote session',
  1643: 'the system policy forbids this update',
  1644: 'the system policy forbids the customization',
  1645: 'Windows Installer cannot install products from a remote session',
  1654: 'applications are not allowed on this system',
}
