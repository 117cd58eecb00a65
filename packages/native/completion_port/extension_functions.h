#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <mswsock.h>
// clang-format on

namespace loop {

// Functions of Winsock's providers, which are asked for through a socket. TCP's are the same for all sockets of the system.
struct ExtensionFunctions {
  LPFN_ACCEPTEX accept;
  LPFN_CONNECTEX connect;
  LPFN_TRANSMITFILE transmit_file;
};

// Null where `socket` has none: it is no socket of TCP.
const ExtensionFunctions* ExtensionFunctionsOf(SOCKET socket);

}  // namespace loop
