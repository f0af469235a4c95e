import assert from 'node:assert'
import test from 'node:test'
import { greeting } from './greeting.js'

test('it greets by the path', () => assert.equal(greeting('/a'), 'spa at /a'))
