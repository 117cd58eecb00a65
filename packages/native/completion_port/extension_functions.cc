#include "completion_port/extension_functions.h"

#include <atomic>
#include <mutex>

namespace loop {

namespace {

bool Find(SOCKET socket, GUID guid, void* function) {
  DWORD size;
  return WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, function, sizeof(void*), &size,
                  nullptr, nullptr) == 0;
}

bool FindAll(SOCKET socket, ExtensionFunctions* functions) {
  return Find(socket, WSAID_ACCEPTEX, &functions->accept) && Find(socket, WSAID_CONNECTEX, &functions->connect) &&
         Find(socket, WSAID_TRANSMITFILE, &functions->transmit_file);
}

std::mutex finding;
ExtensionFunctions found;
std::atomic<bool> is_found{false};

}  // namespace

const ExtensionFunctions* ExtensionFunctionsOf(SOCKET socket) {
  if (!is_found.load(std::memory_order_acquire)) {
    // Whoever comes second writes the same: the memory is read only once it is complete.
    std::lock_guard<std::mutex> lock(finding);
    if (!FindAll(socket, &found)) return nullptr;
    is_found.store(true, std::memory_order_release);
  }
  return &found;
}

}  // namespace loop
