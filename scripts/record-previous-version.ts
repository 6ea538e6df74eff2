// Records the program of a commit for test/faults/both-versions.test.ts, which runs it beside this one. Run it for each
// release: node scripts/record-previous-version.ts COMMIT
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'

const [commit] = process.argv.slice(2)
if (commit === undefined) throw new Error('usage: node scripts/record-previous-version.ts COMMIT')
const project = fileURLToPath(new URL('..', import.meta.url))
const git = (...args: string[]) => execFileSync('git', args, { cwd: project, maxBuffer: 1 << 28 })

// A clone of continuous integration has no history, so the program itself is in the repository.
const archive = git('archive', '--format=tar', commit, 'bin', 'src', 'package.json', ':!*.test.ts')
const compressed = brotliCompressSync(archive, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: archive.length,
  },
})
writeFileSync(new URL('../test/faults/previous-version/program.tar.br', import.meta.url), compressed)
console.log(`${git('rev-parse', commit).toString().trim()}: ${compressed.length} bytes`)
