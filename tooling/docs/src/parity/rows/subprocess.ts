import { done, type Section } from '../row.js'

export const subprocess: Section = {
  title: 'Subprocesses',
  rows: [
    done('A171', 'create_subprocess_exec', 'createSubprocessExec'),
    done('A172', 'create_subprocess_shell', 'createSubprocessShell'),
    done('A173', 'subprocess.PIPE, STDOUT, DEVNULL', 'PIPE, STDOUT, DEVNULL'),
    done('A174', 'subprocess.Process', 'Process'),
    done('A175', 'Process.wait', 'Process.wait'),
    done('A176', 'Process.communicate', 'Process.communicate'),
    done('A177', 'Process.send_signal', 'Process.sendSignal'),
    done('A178', 'Process.terminate', 'Process.terminate'),
    done('A179', 'Process.kill', 'Process.kill'),
    done('A180', 'Process.stdin', 'Process.stdin'),
    done('A181', 'Process.stdout', 'Process.stdout'),
    done('A182', 'Process.stderr', 'Process.stderr'),
    done('A183', 'Process.pid', 'Process.pid'),
    done('A184', 'Process.returncode', 'Process.returncode'),
    done('A185', 'SubprocessStreamProtocol', 'SubprocessStreamProtocol'),
  ],
}
