import { expect, test } from 'vitest'
import { showPlatforms } from './show-platforms.ts'

test('platforms are formatted with their versions', () => {
  const platforms = [
    { id: 'debian', versions: '>=11' },
    { id: 'ubuntu', versions: '' },
  ]
  expect(showPlatforms(platforms)).toBe('debian >=11, ubuntu')
})
