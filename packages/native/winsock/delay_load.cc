// The addon names its host node.exe, as all addons do, but a host may have another name: Electron, or a program that holds
// Node. So the library that the linker made looks the host's functions up when they are first called, and asks here where.

// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <delayimp.h>
// clang-format on

#include <cstring>

namespace {

FARPROC WINAPI FindHost(unsigned notification, PDelayLoadInfo info) {
  if (notification != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return nullptr;
  return reinterpret_cast<FARPROC>(reinterpret_cast<void*>(GetModuleHandleW(nullptr)));
}

}  // namespace

// Declared by the header.
PfnDliHook __pfnDliNotifyHook2 = FindHost;
