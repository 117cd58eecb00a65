#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/arguments.h"
#include "darwin.h"

// What macOS names and POSIX does not.

#define NAMED(name) {#name, name}

namespace loop {

namespace {

constexpr Constant kConstants[] = {
    NAMED(AF_SYSTEM), NAMED(AF_LINK), NAMED(AF_ROUTE), NAMED(AF_VSOCK), NAMED(PF_SYSTEM), NAMED(SOL_LOCAL),
    NAMED(LOCAL_PEERCRED), NAMED(LOCAL_PEERPID), NAMED(LOCAL_PEEREPID), NAMED(SO_NOSIGPIPE), NAMED(SO_NREAD),
    NAMED(SO_NWRITE), NAMED(SO_LINGER_SEC), NAMED(SO_USELOOPBACK), NAMED(SO_TIMESTAMP_MONOTONIC),
    NAMED(TCP_KEEPALIVE), NAMED(TCP_CONNECTIONTIMEOUT), NAMED(TCP_RXT_CONNDROPTIME), NAMED(TCP_SENDMOREACKS),
    NAMED(TCP_NOTSENT_LOWAT), NAMED(TCP_CONNECTION_INFO), NAMED(TCP_NOPUSH), NAMED(TCP_NOOPT), NAMED(IP_BOUND_IF),
    NAMED(IPV6_BOUND_IF), NAMED(IP_RECVDSTADDR), NAMED(IP_RECVIF), NAMED(SCM_CREDS), NAMED(MSG_EOF), NAMED(MSG_HAVEMORE),
    NAMED(MSG_RCVMORE), 
};

}  // namespace

bool DefineDarwinConstants(napi_env env, napi_value constants) { return DefineConstants(env, constants, kConstants); }

}  // namespace loop
