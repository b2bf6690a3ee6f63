#!/usr/bin/env node
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiledProgram, run } from '../platform/compiled-program.js'

/* The entry that `bin.magnapp` names, once bundled. The program itself is main.ts. */
const folder = dirname(fileURLToPath(import.meta.url))
run(compiledProgram(folder), folder)
