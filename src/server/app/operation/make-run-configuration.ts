import type { Configuration } from '../../../core/extension/extension.ts'

/** A configuration with one script, made for a single invocation: it is not stored. */
export const makeRunConfiguration = (
  script: string | undefined,
  run: Partial<Configuration['run']> & { timeoutMs: number },
) => ({
  version: 1,
  configuration: {
    id: 'c1',
    os: 'linux' as const,
    arch: 'any',
    scripts: { install: script },
    verify: [],
    run: { unpack: false, keepWorkspace: 'never' as const, ...run },
  },
})
