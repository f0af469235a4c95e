'use strict'

const assert = require('node:assert')
const test = require('node:test')
const app = require('../server')

test('it says who answers', async () => {
  const server = app.listen(0)
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`)
  assert.equal((await answer.json()).name, 'node')
  server.close()
})
