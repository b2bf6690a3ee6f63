import { join } from 'node:path'
import { PACKAGE_FOLDER } from '../../platform/version.js'
import { type Keeping, Page, type PageEntry } from './page.js'
import { readPageFile } from './page-file.js'

/** Where the build puts the page, its viewer and the description. */
const FOLDER = join(PACKAGE_FOLDER, 'dist/docs')
const FILES = ['start.js', 'swagger-ui.css', 'swagger-ui-bundle.js']

/** The page loads nothing but its own files; the viewer sets style attributes, so those are allowed. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

/** The description of the API and a page that shows it, offline: `/openapi.json`, `/docs`. */
export function docsPage(): Page {
  return new Page({
    policy: POLICY,
    entries: [
      entry('/docs', 'index.html', 'until_changed'),
      entry('/openapi.json', 'openapi.json', 'until_changed'),
      ...FILES.map((name) => entry(`/docs/${name}`, name, 'for_an_hour')),
    ],
  })
}

function entry(path: string, name: string, keeping: Keeping): PageEntry {
  return { paths: [path], keeping, read: () => readPageFile(join(FOLDER, name)) }
}
