import { type Diagnosis, diagnose } from './diagnosis.js'

/** `loop doctor`. Ends with 1 if no loop can be made, or it does not work. */
export async function doctor(options: { json?: boolean }): Promise<void> {
  const diagnosis = await diagnose()
  console.log(options.json ? JSON.stringify(diagnosis, null, 2) : describe(diagnosis).join('\n'))
  if (diagnosis.ok) return
  process.exitCode = 1
  if (!options.json) console.error(`\n${diagnosis.problem}`)
}

function describe({ host, core, backend, roundTrip, environment, features }: Diagnosis): string[] {
  const lines = [
    row('host', `${host.name} ${host.version}, ${host.platform}-${host.arch}`),
    row('core', `@loop/core ${core.version}`),
  ]
  if (backend !== null) {
    lines.push(
      row('backend', `${backend.package} ${backend.version}, a ${backend.kind}`),
      row('mechanism', `${backend.name}: ${backend.why}`),
      row('driver', `${backend.driver}: ${backend.whyDriver}`),
    )
  }
  if (roundTrip !== null) lines.push(row('works', `a byte through a loop of its own took ${roundTrip.toFixed(2)} ms`))
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  lines.push(row('environment', set.length === 0 ? 'no LOOP_* variable is set' : set.join(' ')))
  if (features.length === 0) return lines
  lines.push('', 'supported here:')
  for (const { title, name, supported, hint } of features) {
    lines.push(`  ${supported ? 'yes' : 'no '}  ${title} (${name})${hint === null ? '' : `: ${hint}`}`)
  }
  return lines
}

function row(name: string, value: string): string {
  return `${name.padEnd(12)} ${value}`
}
