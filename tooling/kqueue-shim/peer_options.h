#pragma once

// The numbers of <sys/un.h> on macOS.
constexpr int SOL_LOCAL = 0;
constexpr int LOCAL_PEERCRED = 1;
constexpr int LOCAL_PEERPID = 2;
