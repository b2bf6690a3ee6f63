import { join } from 'node:path'
import { sourceGraph, violations } from './support/architecture.js'

const ROOT = join(__dirname, '..')

describe('the architecture', () => {
  test('holds in the sources: layers in one direction, no cycles, machines import only xstate', () => {
    const graph = sourceGraph(ROOT)
    expect(graph.get('machines/session/machine.ts')).toContain('machines/session/policy.ts')
    expect(violations(graph)).toEqual([])
  })

  test.each([
    ['a package in machines', { 'machines/a.ts': ['zod'] }, ['machines/a.ts imports zod']],
    [
      'a node module in machines',
      { 'machines/a.ts': ['node:crypto'] },
      ['machines/a.ts imports node:crypto'],
    ],
    [
      'the wrong direction',
      { 'src/wire/a.ts': ['src/http/b.ts'], 'src/http/b.ts': [] },
      ['src/wire/a.ts imports src/http/b.ts'],
    ],
    ['a file in no layer', { 'src/misc.ts': [] }, ['src/misc.ts is in no layer']],
    [
      'a cycle',
      { 'src/wire/a.ts': ['src/wire/b.ts'], 'src/wire/b.ts': ['src/wire/a.ts'] },
      ['cycle: src/wire/a.ts → src/wire/b.ts → src/wire/a.ts'],
    ],
  ])('has a check that reports %s', (_name, files, expected) => {
    expect(violations(new Map(Object.entries(files)))).toEqual(expected)
  })

  test('has a check that reads every form of import', () => {
    const graph = sourceGraph(ROOT)
    expect(graph.get('src/platform/version.ts')).toContain('node:fs')
    expect(graph.get('src/cli/commands.ts')).toContain('src/server.ts')
    expect(graph.get('machines/session/context.ts')).toContain('machines/session/events.ts')
  })
})
