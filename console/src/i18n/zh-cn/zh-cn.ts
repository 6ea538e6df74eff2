import type { Catalogue } from '../catalogue.ts'
import { access } from './access.ts'
import { data } from './data.ts'
import { overview } from './overview.ts'
import { shell } from './shell.ts'
import { signIn } from './sign-in.ts'

export const zhCn: Catalogue = { shell, data, signIn, overview, access }
