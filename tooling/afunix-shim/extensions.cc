// The functions of providers that are asked for through a socket: who asks is handed ours, which ask the provider in
// turn.
// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <mswsock.h>
// clang-format on

#include <atomic>
#include <cstring>
#include <string>

#include "connecting.h"
#include "socket_table.h"

namespace afunix_shim {

namespace {

// TCP's, which are the same for all its sockets.
std::atomic<LPFN_ACCEPTEX> accept_of_tcp{nullptr};
std::atomic<LPFN_CONNECTEX> connect_of_tcp{nullptr};
std::atomic<LPFN_TRANSMITFILE> transmit_of_tcp{nullptr};

BOOL WSAAPI Accept(SOCKET listening, SOCKET accepted, void* output, DWORD received, DWORD local, DWORD remote,
                   DWORD* size, OVERLAPPED* overlapped) {
  if (IsOurs(listening) != IsOurs(accepted)) {
    WSASetLastError(WSAEINVAL);
    return FALSE;
  }
  return accept_of_tcp.load()(listening, accepted, output, received, local, remote, size, overlapped);
}

BOOL WSAAPI Connect(SOCKET socket, const sockaddr* address, int address_size, void* data, DWORD data_size, DWORD* sent,
                    OVERLAPPED* overlapped) {
  const LPFN_CONNECTEX call = connect_of_tcp.load();
  UnixSocket known;
  if (!Find(socket, &known)) return call(socket, address, address_size, data, data_size, sent, overlapped);
  std::string path;
  sockaddr_in to;
  int error = known.is_bound ? 0 : WSAEINVAL;
  if (error == 0) error = FindPeer(address, address_size, &path, &to);
  if (error != 0) {
    WSASetLastError(error);
    return FALSE;
  }
  const BOOL is_done =
      call(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to, data, data_size, sent, overlapped);
  error = is_done ? 0 : WSAGetLastError();
  if (is_done || error == WSA_IO_PENDING) SetPeer(socket, path);
  WSASetLastError(error);
  return is_done;
}

BOOL WSAAPI Transmit(SOCKET socket, HANDLE file, DWORD size, DWORD each, OVERLAPPED* overlapped,
                     TRANSMIT_FILE_BUFFERS* around, DWORD flags) {
  if (IsOurs(socket)) {
    // Nobody documents that it works.
    WSASetLastError(WSAEOPNOTSUPP);
    return FALSE;
  }
  return transmit_of_tcp.load()(socket, file, size, each, overlapped, around, flags);
}

// Keeps the provider's function, and puts ours into its place.
template <typename Call>
void Replace(void* output, std::atomic<Call>* kept, Call ours) {
  Call theirs;
  memcpy(&theirs, output, sizeof theirs);
  kept->store(theirs);
  memcpy(output, &ours, sizeof ours);
}

void ReplaceKnown(const void* input, void* output) {
  constexpr GUID kAccept = WSAID_ACCEPTEX;
  constexpr GUID kConnect = WSAID_CONNECTEX;
  constexpr GUID kTransmit = WSAID_TRANSMITFILE;
  if (memcmp(input, &kAccept, sizeof kAccept) == 0) Replace<LPFN_ACCEPTEX>(output, &accept_of_tcp, Accept);
  if (memcmp(input, &kConnect, sizeof kConnect) == 0) Replace<LPFN_CONNECTEX>(output, &connect_of_tcp, Connect);
  if (memcmp(input, &kTransmit, sizeof kTransmit) == 0) Replace<LPFN_TRANSMITFILE>(output, &transmit_of_tcp, Transmit);
}

}  // namespace

extern "C" int WSAAPI afunix_WSAIoctl(SOCKET socket, DWORD code, void* input, DWORD input_size, void* output,
                                      DWORD output_size, DWORD* size, OVERLAPPED* overlapped,
                                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  const int result = ::WSAIoctl(socket, code, input, input_size, output, output_size, size, overlapped, routine);
  // It is answered at once, and has checked both sizes.
  if (result == 0 && code == SIO_GET_EXTENSION_FUNCTION_POINTER) ReplaceKnown(input, output);
  return result;
}

}  // namespace afunix_shim
