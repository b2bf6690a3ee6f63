import { readFileSync } from 'node:fs'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { Validator } from '@seriousme/openapi-schema-validator'

const FILE = 'docs/openapi.json'

/** Validates the API's description with an independent validator, and lints it with a well-known rule set. */
const source = readFileSync(FILE, 'utf8')
const { valid, errors } = await new Validator().validate(JSON.parse(source))
if (!valid) process.stderr.write(`${FILE} is no OpenAPI: ${JSON.stringify(errors)}\n`)
const config = await createConfig({ extends: ['recommended-strict'] })
const problems = await lintFromString({ source, absoluteRef: FILE, config })
for (const { ruleId, message, location } of problems) {
  process.stderr.write(`${FILE}${location[0]?.pointer ?? ''}: ${message} (${ruleId})\n`)
}
process.exitCode = valid && problems.length === 0 ? 0 : 1
