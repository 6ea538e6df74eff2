import { expect, test } from 'vitest'
import { findScriptRange } from './find-script-range.ts'

const ran = (
  id: Parameters<typeof findScriptRange>[0][number]['id'],
  number: number,
  stdoutBytes: number,
  stderrBytes = 0,
) => ({
  id,
  run: { number, stdoutBytes, stderrBytes },
})

test.each([
  ['nothing ran', [{ id: 'prepareWanted' as const }], undefined],
  ['one script ran', [ran('installWanted', 1, 10)], undefined],
  [
    'an output script follows',
    [ran('outputWanted', 2, 5), ran('installWanted', 1, 10, 3)],
    { stdout: [0, 10], stderr: [0, 3] },
  ],
  [
    'an update removes first, and is undone',
    [
      ran('uninstallPrevious', 1, 7, 1),
      ran('installWanted', 2, 10, 2),
      ran('removeWanted', 3, 4),
      ran('restorePrevious', 4, 9),
    ],
    { stdout: [7, 17], stderr: [1, 3] },
  ],
  [
    'only the removal ran, and is undone',
    [ran('uninstallPrevious', 1, 7), ran('restorePrevious', 2, 9)],
    { stdout: [0, 7], stderr: [0, 0] },
  ],
  ['nothing that the task is about ran', [ran('removeWanted', 1, 7), ran('restorePrevious', 2, 9)], undefined],
])('%s', (_, steps, range) => {
  expect(findScriptRange(steps)).toEqual(range)
})
