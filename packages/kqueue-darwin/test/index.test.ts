import { BackendNotBuiltError, load } from '@loop/kqueue-darwin'
import { expect, it } from 'vitest'

it('says which package has no native part yet, and what to use instead', () => {
  expect(load).toThrow(BackendNotBuiltError)
  expect(load).toThrow(expect.objectContaining({ code: 'ERR_LOOP_BACKEND_NOT_BUILT' }))
  expect(load).toThrow(/^@loop\/kqueue-darwin \d+\.\d+\.\d+ has no native part yet/)
  expect(load).toThrow(/@loop\/epoll-linux/)
})
