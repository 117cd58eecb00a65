import { notYet, type Section } from '../row.js'

export const subprocess: Section = {
  title: 'Subprocesses',
  rows: [
    notYet('A171', 'create_subprocess_exec', 'createSubprocessExec'),
    notYet('A172', 'create_subprocess_shell', 'createSubprocessShell'),
    notYet('A173', 'subprocess.PIPE, STDOUT, DEVNULL', 'PIPE, STDOUT, DEVNULL'),
    notYet('A174', 'subprocess.Process', 'Process'),
    notYet('A175', 'Process.wait', 'Process.wait'),
    notYet('A176', 'Process.communicate', 'Process.communicate'),
    notYet('A177', 'Process.send_signal', 'Process.sendSignal'),
    notYet('A178', 'Process.terminate', 'Process.terminate'),
    notYet('A179', 'Process.kill', 'Process.kill'),
    notYet('A180', 'Process.stdin', 'Process.stdin'),
    notYet('A181', 'Process.stdout', 'Process.stdout'),
    notYet('A182', 'Process.stderr', 'Process.stderr'),
    notYet('A183', 'Process.pid', 'Process.pid'),
    notYet('A184', 'Process.returncode', 'Process.returncode'),
    notYet('A185', 'SubprocessStreamProtocol', 'SubprocessStreamProtocol'),
  ],
}
