#!/usr/bin/env node
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiledProgram, run } from '../platform/compiled-program.js'

/* What `bin.magnapp` names, once it is bundled. The program itself is main.ts. */
const folder = dirname(fileURLToPath(import.meta.url))
run(compiledProgram(folder), folder)
