#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <cstdint>
#include <string>
#include <vector>

#include "winprocess/unique_handle.h"

namespace loop {

// What a start failed at.
enum class Failed { kProgram, kDirectory, kOther };

// Everything that a child is to be.
struct ChildPlan {
  // The first of these that is there is started.
  std::vector<std::wstring> files;
  // What is executed in the place of the file (the interpreter of a script); empty: the file itself.
  std::wstring interpreter;
  // A NUL in it stands for the file that was found, which is then the interpreter's.
  std::wstring command_line;
  // `NAME=value`, each with a NUL behind it, and one more; empty: this process's own.
  std::wstring environment;
  // Empty: this process's own.
  std::wstring directory;
  // Of dwCreationFlags.
  DWORD flags;
  bool is_hidden;
  // It and what it starts are a job, which ends with its last handle.
  bool has_job;
  // What its standard streams are; null for none. No other handle is inherited.
  UniqueHandle standard[3];
};

// A child of ours that runs, or has ended.
struct Child {
  UniqueHandle process;
  // Null where it has none.
  UniqueHandle job;
  DWORD pid = 0;
};

// 0, or -errno. The plan's handles are made inheritable for the moment in which the child is made.
int32_t StartChild(const ChildPlan& plan, Child* child, Failed* failed);

// Ends it, and what else is in its job; 0 also where it has ended, which changes nothing.
int32_t TerminateChild(const Child& child, UINT code);

}  // namespace loop
