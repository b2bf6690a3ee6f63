import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  ownGroup,
  parseCpuMax,
  parseLimit,
  parseStat,
  readControlGroup,
} from '../../src/monitoring/cgroup.js'
import { cpuOf, measureResources, memoryOf } from '../../src/monitoring/resources.js'

const MIB = 1_048_576

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgroup-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

/** What the kernel would show, keyed by path. */
function kernel(files: Record<string, string>) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return readControlGroup({ root: join(folder, 'cgroup'), self: join(folder, 'self') })
}

describe('the control group', () => {
  test('of a container: its own root, without the file cache', async () => {
    const group = await kernel({
      self: '0::/\n',
      'cgroup/memory.max': `${512 * MIB}\n`,
      'cgroup/memory.current': `${300 * MIB}\n`,
      'cgroup/memory.stat': `anon ${200 * MIB}\ninactive_file ${60 * MIB}\n`,
      'cgroup/cpu.max': '50000 100000\n',
      'cgroup/cpu.stat': 'usage_usec 2500000\nuser_usec 2000000\n',
    })
    expect(group).toEqual({
      memoryLimitBytes: 512 * MIB,
      memoryUsedBytes: 240 * MIB,
      cpuLimit: 0.5,
      cpuUsedSeconds: 2.5,
    })
  })

  test('of a service on a host: the limits around it apply too, and the tightest counts', async () => {
    const group = await kernel({
      self: '0::/system.slice/magnapp.service\n',
      'cgroup/cpu.stat': 'usage_usec 9000000\n',
      'cgroup/system.slice/memory.max': `${600 * MIB}\n`,
      'cgroup/system.slice/memory.current': `${580 * MIB}\n`,
      'cgroup/system.slice/cpu.max': 'max 100000\n',
      'cgroup/system.slice/magnapp.service/memory.max': `${512 * MIB}\n`,
      'cgroup/system.slice/magnapp.service/memory.current': `${100 * MIB}\n`,
      'cgroup/system.slice/magnapp.service/cpu.max': '200000 100000\n',
      'cgroup/system.slice/magnapp.service/cpu.stat': 'usage_usec 1000000\n',
    })
    expect(group).toEqual({
      memoryLimitBytes: 600 * MIB,
      memoryUsedBytes: 580 * MIB,
      cpuLimit: 2,
      cpuUsedSeconds: 1,
    })
  })

  test('without limits, without version 2, without anything: nothing is reported', async () => {
    const nothing = { memoryLimitBytes: null, memoryUsedBytes: null, cpuLimit: null, cpuUsedSeconds: null }
    expect(await kernel({ self: '12:memory:/docker/abc\n', 'cgroup/memory/x': '' })).toEqual(nothing)
    const unlimited = await kernel({
      self: '0::/\n',
      'cgroup/memory.max': 'max\n',
      'cgroup/memory.current': '5\n',
    })
    expect(unlimited).toEqual({ ...nothing, memoryUsedBytes: 5 })
  })
})

test.each([
  ['0::/\n', '/'],
  ['0::/system.slice/magnapp.service\n', '/system.slice/magnapp.service'],
  ['1:name=systemd:/x\n0::/y\n', '/y'],
  ['0::/../../other\n', '/'],
  ['4:memory:/docker/abc\n', '/'],
  [null, '/'],
])('membership %j is the group %s', (content, path) => {
  expect(ownGroup(content)).toBe(path)
})

test.each([
  ['max\n', null],
  ['1024\n', 1024],
  ['', null],
  ['-1', null],
  [null, null],
])('the limit %j is %s', (content, limit) => {
  expect(parseLimit(content)).toBe(limit)
})

test.each([
  ['max 100000\n', null],
  ['50000 100000\n', 0.5],
  ['300000 100000', 3],
  ['50000', null],
  ['50000 0', null],
  [null, null],
])('cpu.max %j is %s cores', (content, cores) => {
  expect(parseCpuMax(content)).toBe(cores)
})

test('a line in a stat file is found by its whole name', () => {
  const stat = 'inactive_file_x 1\ninactive_file 2\n'
  expect(parseStat(stat, 'inactive_file')).toBe(2)
  expect(parseStat(stat, 'file')).toBeNull()
  expect(parseStat(null, 'file')).toBeNull()
})

describe('what the process may use', () => {
  const limited = { memoryLimitBytes: 512, memoryUsedBytes: 100, cpuLimit: 0.5, cpuUsedSeconds: 7 }
  const free = { memoryLimitBytes: null, memoryUsedBytes: null, cpuLimit: null, cpuUsedSeconds: null }

  test('is the container’s if it has a limit, else the machine’s', () => {
    const machine = { totalBytes: 4_096, freeBytes: 1_096 }
    expect(memoryOf(limited, machine)).toEqual({
      source: 'container',
      memoryUsedBytes: 100,
      memoryLimitBytes: 512,
    })
    const host = { source: 'host', memoryUsedBytes: 3_000, memoryLimitBytes: 4_096 }
    expect(memoryOf(free, machine)).toEqual(host)
    expect(memoryOf({ ...limited, memoryLimitBytes: 9_999 }, machine)).toEqual(host)
  })

  test('is the quota of cores, but no more than there are', () => {
    const machine = { cores: 2, ownSeconds: 3 }
    expect(cpuOf(limited, machine)).toEqual({ cpuLimit: 0.5, cpuUsedSeconds: 7 })
    expect(cpuOf({ ...limited, cpuLimit: 8 }, machine)).toEqual({ cpuLimit: 2, cpuUsedSeconds: 7 })
    expect(cpuOf(free, machine)).toEqual({ cpuLimit: 2, cpuUsedSeconds: 3 })
  })

  test('can be measured on this machine', async () => {
    const resources = await measureResources()
    expect(resources.memoryUsedBytes).toBeGreaterThan(0)
    expect(resources.memoryUsedBytes).toBeLessThanOrEqual(resources.memoryLimitBytes)
    expect(resources.disk?.freeBytes).toBeLessThanOrEqual(resources.disk?.totalBytes ?? 0)
  })
})
