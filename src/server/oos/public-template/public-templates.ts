import { bulkyConfigureMultipleOosPackagesWithTemporaryUrl } from './bulky-configure-multiple-oos-packages-with-temporary-url.ts'
import { bulkyConfigureOosPackage } from './bulky-configure-oos-package.ts'
import { bulkyConfigureOosPackageWithTemporaryUrl } from './bulky-configure-oos-package-with-temporary-url.ts'
import { bulkyRunCommand } from './bulky-run-command.ts'
import { configurePackage } from './configure-package.ts'
import type { PublicTemplate } from './public-template.ts'

/** All templates that can be started; they belong to no account. */
export const publicTemplates: readonly PublicTemplate[] = [
  bulkyConfigureOosPackageWithTemporaryUrl,
  bulkyConfigureMultipleOosPackagesWithTemporaryUrl,
  bulkyConfigureOosPackage,
  bulkyRunCommand,
  configurePackage,
]

/** The public template with this name; undefined if there is none. */
export const findPublicTemplate = (name: string): PublicTemplate | undefined =>
  publicTemplates.find((template) => template.name === name)
