import { queryRegistry, type RegistryEntry } from './registry.ts'

const uninstallKey = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall'
const productCode = /^\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/i

/** A program in "Apps & features". */
export interface InstalledProduct {
  /** The product code, for a package of Windows Installer. */
  readonly key: string
  readonly name: string
  readonly version: string
}

/** Products by the values of their keys. */
export function listProducts(entries: readonly RegistryEntry[]): InstalledProduct[] {
  const keys = Map.groupBy(entries, ({ key }) => key)
  return [...keys].flatMap(([key, values]) => {
    const find = (wanted: string) => values.find(({ name }) => name === wanted)?.value
    const name = find('DisplayName')
    if (name === undefined) return []
    return [{ key: key.split('\\').at(-1) ?? '', name, version: find('DisplayVersion') ?? '' }]
  })
}

/** Programs for 64 and for 32 bits are registered separately. */
async function queryProducts(key: string, ...args: readonly string[]): Promise<InstalledProduct[]> {
  const views = await Promise.all([queryRegistry(key, 64, ...args), queryRegistry(key, 32, ...args)])
  return views.flatMap(listProducts)
}

/** @param name a product code, or the name of a program as Windows shows it */
export async function findWindowsPackageVersion(name: string): Promise<string | undefined> {
  if (productCode.test(name)) return (await queryProducts(`${uninstallKey}\\${name}`))[0]?.version
  const all = await queryProducts(uninstallKey, '/s')
  return all.find((product) => product.name.toLowerCase() === name.toLowerCase())?.version
}
