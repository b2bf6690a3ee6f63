import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { type RequestHandler, Router } from 'express'
import { VERSION } from '../../platform/version.js'
import { openApi } from '../../wire/openapi.js'

const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const
const MAX_AGE = 'public, max-age=3600'

/** The page loads nothing but its own files; the viewer sets style attributes, so those are allowed. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MagnaPP API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const START =
  "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null })\n"

/** The description of the API and a page that shows it, offline: `/openapi.json`, `/docs`. */
export function docsRoutes(): Router {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  const router = Router()
  router.get('/openapi.json', description())
  router.get('/docs', (_request, response) => {
    response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY).type('html').send(PAGE)
  })
  router.get('/docs/start.js', (_request, response) => {
    response.set('Cache-Control', MAX_AGE).type('js').send(START)
  })
  for (const asset of ASSETS) {
    router.get(`/docs/${asset}`, (_request, response) => {
      response.set('Cache-Control', MAX_AGE).sendFile(asset, { root: folder })
    })
  }
  return router
}

/** Made when it is first asked for: a server that nobody asks starts faster. */
function description(): RequestHandler {
  let text: string | null = null
  return (_request, response) => {
    text ??= JSON.stringify(openApi(VERSION))
    response.set('Cache-Control', 'no-cache').type('json').send(text)
  }
}
