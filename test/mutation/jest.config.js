import { fileURLToPath } from 'node:url'
import base from '../../jest.config.js'

export default {
  ...base,
  rootDir: '../..',
  roots: ['machines', 'src', 'test'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['<rootDir>/test/mutation/domain-tests.ts'],
  testEnvironment: fileURLToPath(new URL('first-failure.cjs', import.meta.url)),
  setupFiles: ['<rootDir>/test/mutation/few-runs.ts'],
}
