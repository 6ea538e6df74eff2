import type { Catalogue } from '../catalogue.ts'
import { access } from './access.ts'
import { assignments } from './assignments.ts'
import { automation } from './automation/automation.ts'
import { batch } from './batch.ts'
import { data } from './data.ts'
import { executions } from './executions.ts'
import { extensionWizard } from './extension-wizard.ts'
import { extensions } from './extensions.ts'
import { instances } from './instances.ts'
import { overview } from './overview.ts'
import { shell } from './shell.ts'
import { signIn } from './sign-in.ts'

export const zhCn: Catalogue = {
  shell,
  data,
  signIn,
  overview,
  instances,
  extensions,
  extensionWizard,
  batch,
  executions,
  automation,
  access,
  assignments,
}
