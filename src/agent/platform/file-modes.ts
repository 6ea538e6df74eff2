/**
 * Whether modes of files decide who may access them. On Windows access lists do, which the folder
 * of the state passes on (install.ps1 sets them).
 */
export const hasFileModes: boolean = process.platform !== 'win32'
