#pragma once

// What the systems call the same things in: the one place of the shared sources that knows of both.
#ifdef _WIN32
// clang-format off
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <iphlpapi.h>
#include <afunix.h>
// clang-format on
using sa_family_t = ADDRESS_FAMILY;
// Microsoft's headers have them, MinGW's not.
#ifndef MSG_TRUNC
#define MSG_TRUNC 0x0100
#endif
#ifndef MSG_CTRUNC
#define MSG_CTRUNC 0x0200
#endif
#ifndef TCP_MAXSEG
#define TCP_MAXSEG 4
#endif
#else
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#endif

// Only Linux's paths begin with a zero. Elsewhere an address without a path may have any length, and is zeros: XNU gives 14
// of them, Windows 108.
#ifdef __linux__
constexpr bool kHasAbstractNames = true;
#else
constexpr bool kHasAbstractNames = false;
#endif
