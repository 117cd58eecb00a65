import { capabilities, features, mechanisms, type SomeReleases, type Support, supportOf } from '@loop/core/capabilities'

const intro = `# Platforms

What each backend supports, generated from the data that \`loop.supports(feature)\` answers from (\`npm run docs\`); do not edit.

A feature that is not supported throws \`NotImplementedError\`, whose \`hint\` is the text in the notes.
The macOS backend is tested over a stand-in for its kernel's kqueue (\`tooling/kqueue-shim\`) and has not run on a Mac.
The Windows backends are tested in the real \`node.exe\` under Wine (\`tooling/wine\`) and have not run on a Windows: \`.github/workflows/ci.yml\`
runs the suite there, on x64 and arm64, for whoever has such machines. Wine has no Unix sockets: those of Windows are tested over an
emulation (\`tooling/afunix-shim\`). What is skipped, and why, is in [Conformance](conformance.md).

On the proactor (\`iocp\`) streams, servers, connections, pipes and files are operations of the system; \`addReader\`, \`addWriter\`, the \`sock*\` methods but
\`sockConnect\` and \`sockSendfile\`, and datagrams wait for readiness, by polls of the driver behind Winsock (AFD), so that a wait that is cancelled loses no byte.
`

/** docs/platforms.md: feature by mechanism. */
export function platforms(): string {
  const columns = Object.entries(mechanisms).flatMap(([platform, names]) => names.map((name) => ({ platform, name })))
  const notes: string[] = []
  const cell = (support: Support | SomeReleases) => {
    if (support === true) return 'yes'
    const [answer, note] = typeof support === 'string' ? ['no', support] : ['yes', support.since]
    const known = notes.indexOf(note)
    return `${answer} [${known >= 0 ? known + 1 : notes.push(note)}]`
  }
  const rows = features.map((feature) => [
    `${capabilities[feature].title} (\`${feature}\`)`,
    ...columns.map(({ name, platform }) => cell(supportOf(feature, name, platform))),
  ])
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const head = ['feature', ...columns.map(({ platform, name }) => `${name} (${platform})`)]
  return [
    intro,
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
    ...notes.map((note, i) => `${i + 1}. ${note}`),
    '',
  ].join('\n')
}
