// Tells systemd that a service is ready, in five lines:  systemd-run --user -p Type=notify -t node examples/sd-notify.mjs
import { constants, Socket } from '@loop/core'

const address = process.env.NOTIFY_SOCKET?.replace(/^@/, '\0') // an @ stands for an abstract name
const sock = new Socket({ family: constants.AF_UNIX, type: constants.SOCK_DGRAM })
if (address) sock.sendto(`READY=1\nSTATUS=Serving since ${new Date().toISOString()}\nMAINPID=${process.pid}`, address)
sock.close()
