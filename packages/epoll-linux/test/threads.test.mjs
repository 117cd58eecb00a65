// A system that has no more threads. Only a stand-in for pthread_create can bring that about reliably.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'

// The host's own threads must start, so it is the caller that decides.
const noThreads = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
typedef int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data) {
  Dl_info caller;
  if (dladdr(__builtin_return_address(0), &caller) && strstr(caller.dli_fname, "loop.node")) return EAGAIN;
  return ((create)dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, run, data);
}
`

const program = `
import { backend, openDescriptors, pollers } from ${JSON.stringify(new URL('addon.mjs', import.meta.url).href)}
const before = openDescriptors()
const poller = new pollers.epoll()
try {
  new backend.drivers.WaiterThread(poller, () => {})
} catch ({ code, syscall, errno }) {
  poller.close()
  console.log(JSON.stringify({ code, syscall, errno, left: openDescriptors() - before }))
}
`

// It has to be loaded first, and then it is who calls.
const skip = /san/.test(process.env.LD_PRELOAD ?? '') && 'a sanitizer stands between the addon and pthread_create'

it('a waiting thread that cannot start is an error, and the process goes on', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loop-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const source = join(folder, 'no_threads.c')
  const library = join(folder, 'no_threads.so')
  writeFileSync(source, noThreads)
  const compiled = spawnSync(process.env.CC ?? 'gcc', ['-shared', '-fPIC', '-o', library, source, '-ldl'])
  assert.equal(compiled.status, 0, String(compiled.stderr))
  const env = { ...process.env, LD_PRELOAD: [process.env.LD_PRELOAD, library].filter(Boolean).join(':') }
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { env })
  assert.equal(String(stderr), '')
  assert.deepEqual(JSON.parse(String(stdout)), { code: 'EAGAIN', syscall: 'pthread_create', errno: -11, left: 0 })
})
