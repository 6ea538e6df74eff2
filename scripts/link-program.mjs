// Puts `chandler` where `npx chandler` looks first. npm links the programs of dependencies there, not the project's own; without
// the link npx makes a copy of its own of the project each time, which takes a second and prints warnings.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'

const folder = new URL('../node_modules/.bin/', import.meta.url)
const link = new URL('chandler', folder)
mkdirSync(folder, { recursive: true })
rmSync(link, { force: true })
symlinkSync('../../bin/chandler.mjs', link)
