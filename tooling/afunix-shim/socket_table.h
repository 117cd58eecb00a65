#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <memory>
#include <string>

namespace afunix_shim {

// What a socket of AF_UNIX knows, and the socket of TCP that stands for it does not.
struct UnixSocket {
  bool is_bound = false;
  // Paths as they were given, in UTF-8; empty where there is no name.
  std::string name;
  std::string peer;
};

// Which sockets of this process are ours. Every function may be called from any thread.

bool IsOurs(SOCKET socket);
// False where it is not ours; else a copy of what it knows.
bool Find(SOCKET socket, UnixSocket* found);
// What was known of an earlier socket of this number is gone: it was closed behind our back.
void Remember(SOCKET socket, const UnixSocket& known);
// A duplicate is the same socket: what one of the two learns, both know.
void Share(SOCKET socket, SOCKET duplicate);
void SetName(SOCKET socket, const std::string& name);
void SetPeer(SOCKET socket, const std::string& peer);
// What was known is handed back for Restore, null where it was not ours.
std::shared_ptr<UnixSocket> Forget(SOCKET socket);
void Restore(SOCKET socket, std::shared_ptr<UnixSocket> known);

}  // namespace afunix_shim
