import { expect, test } from 'vitest'
import { listCoverageRows } from './coverage-rows.ts'

test('sorted by number of instances, with the latest version first', () => {
  const rows = listCoverageRows(
    [
      { extension: 'small', installedOn: { v1: 1 }, broken: 1 },
      { extension: 'large', installedOn: { v9: 2, v10: 3, v1: 1 }, broken: 0 },
    ],
    8,
  )
  expect(rows).toEqual([
    {
      extension: 'large',
      count: 6,
      share: 0.75,
      broken: 0,
      versions: [
        { version: 'v10', count: 3 },
        { version: 'v9', count: 2 },
        { version: 'v1', count: 1 },
      ],
    },
    { extension: 'small', count: 1, share: 0.125, broken: 1, versions: [{ version: 'v1', count: 1 }] },
  ])
})

test('extensions that are only broken are listed, and no instances cause no division by zero', () => {
  expect(listCoverageRows([{ extension: 'demo', installedOn: {}, broken: 2 }], 0)).toEqual([
    { extension: 'demo', count: 0, share: 0, broken: 2, versions: [] },
  ])
})
