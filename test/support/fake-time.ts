import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The time of day of a process started with `environment`, which can be set while it runs. */
export interface FakeTime {
  readonly environment: Record<string, string>
  /** Offsets it from real time by this many seconds. The monotonic clock is unaffected. */
  set(offsetSeconds: number): void
  remove(): void
}

/** Made by Debian's faketime. */
export function fakeTime(): FakeTime {
  const preload = execFileSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' })
  const folder = mkdtempSync(join(tmpdir(), 'fake-time-'))
  const file = join(folder, 'offset')
  const set = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  set(0)
  return {
    environment: {
      LD_PRELOAD: preload.trim(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    set,
    remove: () => rmSync(folder, { recursive: true }),
  }
}
