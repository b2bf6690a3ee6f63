import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/*
 * npm run harden -- [--through plain,nginx,haproxy,caddy] [--only TEXT] [--ms 1500] [--slack 1] [--minutes 1]
 * [--seed N]
 *
 * The whole table of attacks, directly and through the proxies with the shipped files; then random requests
 * for this many minutes. It prints the table at the end. Slack is the factor by which others may be slower
 * than the contract states for an idle machine.
 */

const { values } = parseArgs({
  options: {
    through: { type: 'string', default: 'plain,nginx,haproxy,caddy' },
    only: { type: 'string', default: '' },
    ms: { type: 'string', default: '1500' },
    slack: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'harden-'))
const report = join(folder, 'report.md')
const jest = spawn(
  process.execPath,
  [
    'node_modules/jest/bin/jest.js',
    '--runInBand',
    'test/hardening/attack-table',
    'test/hardening/random-requests',
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      HARDEN_THROUGH: values.through,
      HARDEN_ONLY: values.only,
      HARDEN_EVERY: '1',
      HARDEN_MS: values.ms,
      HARDEN_SLACK: values.slack,
      HARDEN_MINUTES: values.minutes,
      HARDEN_SEED: values.seed,
      HARDEN_REPORT: report,
    },
  },
)
process.exitCode = await new Promise<number>((resolve) => jest.once('exit', (code) => resolve(code ?? 1)))
process.stdout.write(
  '\n| reached | what is sent | how | requests | events | memory | descriptors | places | answers |\n' +
    `|---|---|---|---|---|---|---|---|---|\n${readFileSync(report, { encoding: 'utf8', flag: 'a+' })}`,
)
rmSync(folder, { recursive: true })
