#include "socket_table.h"

#include <map>
#include <mutex>
#include <utility>

namespace afunix_shim {

namespace {

std::mutex table_mutex;

// Never destroyed: threads may still use sockets when the process ends.
std::map<SOCKET, std::shared_ptr<UnixSocket>>& Table() {
  static auto* table = new std::map<SOCKET, std::shared_ptr<UnixSocket>>();
  return *table;
}

// For holders of the mutex.
UnixSocket* Known(SOCKET socket) {
  const auto found = Table().find(socket);
  return found == Table().end() ? nullptr : found->second.get();
}

}  // namespace

bool IsOurs(SOCKET socket) {
  std::lock_guard<std::mutex> lock(table_mutex);
  return Known(socket) != nullptr;
}

bool Find(SOCKET socket, UnixSocket* found) {
  std::lock_guard<std::mutex> lock(table_mutex);
  const UnixSocket* known = Known(socket);
  if (known == nullptr) return false;
  *found = *known;
  return true;
}

void Remember(SOCKET socket, const UnixSocket& known) {
  std::lock_guard<std::mutex> lock(table_mutex);
  Table()[socket] = std::make_shared<UnixSocket>(known);
}

void Share(SOCKET socket, SOCKET duplicate) {
  std::lock_guard<std::mutex> lock(table_mutex);
  const auto found = Table().find(socket);
  Table()[duplicate] = found == Table().end() ? std::make_shared<UnixSocket>() : found->second;
}

void SetName(SOCKET socket, const std::string& name) {
  std::lock_guard<std::mutex> lock(table_mutex);
  UnixSocket* known = Known(socket);
  if (known == nullptr) return;
  known->is_bound = true;
  known->name = name;
}

void SetPeer(SOCKET socket, const std::string& peer) {
  std::lock_guard<std::mutex> lock(table_mutex);
  UnixSocket* known = Known(socket);
  if (known == nullptr) return;
  // Connecting binds a socket that is not yet bound.
  known->is_bound = true;
  known->peer = peer;
}

std::shared_ptr<UnixSocket> Forget(SOCKET socket) {
  std::lock_guard<std::mutex> lock(table_mutex);
  const auto found = Table().find(socket);
  if (found == Table().end()) return nullptr;
  std::shared_ptr<UnixSocket> known = std::move(found->second);
  Table().erase(found);
  return known;
}

void Restore(SOCKET socket, std::shared_ptr<UnixSocket> known) {
  std::lock_guard<std::mutex> lock(table_mutex);
  Table()[socket] = std::move(known);
}

}  // namespace afunix_shim
