import { DELTA_VERSIONS_MAX, syncStrategy } from '../../../machines/session/sync-strategy.js'

const SERVER = { version: 10, checksum: 'same' }

describe('how a returning client is brought up to date (contract section 7)', () => {
  test.each([
    ['nothing', null, 'full_sync'],
    ['the same', { version: 10, checksum: 'same' }, 'no_sync_needed'],
    ['the same version and a different checksum', { version: 10, checksum: 'other' }, 'full_sync'],
    ['the same version and no checksum', { version: 10, checksum: null }, 'full_sync'],
    ['one version behind', { version: 9, checksum: 'same' }, 'delta_sync'],
    ['as many behind as a delta spans', { version: 10 - DELTA_VERSIONS_MAX, checksum: null }, 'delta_sync'],
    ['one more behind', { version: 9 - DELTA_VERSIONS_MAX, checksum: null }, 'full_sync'],
    ['a later version', { version: 11, checksum: 'same' }, 'full_sync'],
  ])('who knows %s', (_what, known, strategy) => {
    expect(syncStrategy(known, SERVER, false)).toBe(strategy)
    expect(syncStrategy(known, SERVER, true)).toBe('full_sync')
  })
})
