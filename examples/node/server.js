// A small server: says who answers, in which version.
'use strict'

const os = require('node:os')
const express = require('express')

const app = express()
app.get('/', (request, response) => {
  response.json({ name: 'node', version: process.env.APP_VERSION || '1.0.0', hostname: os.hostname() })
})

if (require.main === module) {
  const server = app.listen(Number(process.env.PORT || 3000))
  process.on('SIGTERM', () => server.close())
}

module.exports = app
