// JavaScript's functions of children. Their handles belong to an object, so that they are closed with the last environment that
// could have done it.
#include <uv/errno.h>

#include <memory>

#include "common/arguments.h"
#include "winprocess/birth.h"
#include "winprocess/process.h"
#include "winprocess/spawn_request.h"
#include "winsock/errors.h"

namespace loop {

namespace {

// Random; marks the objects that hold a child, so that nothing else is ever taken for one.
constexpr napi_type_tag kTag = {0x1f7a5c3be06d4291, 0xa94c8d1762f35b0e};

using Shared = std::shared_ptr<Birth>;

void Finalize(napi_env, void* data, void*) {
  const std::unique_ptr<Shared> birth(static_cast<Shared*>(data));
  (*birth)->Close();
}

napi_value Wrap(napi_env env, const Shared& birth) {
  napi_value object;
  auto reference = std::make_unique<Shared>(birth);
  if (napi_create_object(env, &object) != napi_ok ||
      napi_wrap(env, object, reference.get(), Finalize, nullptr, nullptr) != napi_ok) {
    birth->Close();
    return nullptr;
  }
  reference.release();
  return napi_type_tag_object(env, object, &kTag) == napi_ok ? object : nullptr;
}

// Null with a pending TypeError if `value` is not such an object.
Birth* Unwrap(napi_env env, napi_value value) {
  bool is_ours = false;
  void* data = nullptr;
  if (napi_check_object_type_tag(env, value, &kTag, &is_ours) == napi_ok && is_ours &&
      napi_unwrap(env, value, &data) == napi_ok) {
    return static_cast<Shared*>(data)->get();
  }
  ThrowType(env, "child", "what spawn() gave");
  return nullptr;
}

napi_value Spawn(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  ChildPlan plan;
  int32_t error;
  if (!ReadSpawnRequest(env, args[0], &plan, &error)) return nullptr;
  if (error != 0) return Number(env, error);
  const auto birth = std::make_shared<Birth>(std::move(plan));
  if ((error = Birth::Begin(birth)) != 0) return Number(env, error);
  return Wrap(env, birth);
}

napi_value ChildHandle(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  const Birth* birth = Unwrap(env, args[0]);
  if (birth == nullptr) return nullptr;
  if (birth->handle() == nullptr) return Number(env, UV__EBADF);
  return Number(env, static_cast<int64_t>(reinterpret_cast<intptr_t>(birth->handle())));
}

const char* NameOf(Failed failed) {
  switch (failed) {
    case Failed::kProgram:
      return "program";
    case Failed::kDirectory:
      return "directory";
    default:
      return "other";
  }
}

napi_value Spawned(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  Birth* birth = Unwrap(env, args[0]);
  if (birth == nullptr) return nullptr;
  Failed failed;
  const int64_t outcome = birth->Outcome(&failed);
  if (outcome < 0 && outcome != UV__EAGAIN) {
    napi_value name;
    if (napi_create_string_utf8(env, NameOf(failed), NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_set_named_property(env, args[1], "what", name) != napi_ok) {
      bool is_pending = false;
      napi_is_exception_pending(env, &is_pending);
      if (!is_pending) ThrowType(env, "failure", "an object");
      return nullptr;
    }
  }
  return Number(env, outcome);
}

napi_value ExitCode(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  const Birth* birth = Unwrap(env, args[0]);
  if (birth == nullptr) return nullptr;
  const Child* child = birth->child();
  if (child == nullptr) return Number(env, UV__ESRCH);
  // Its code may be the one that stands for a process that runs.
  if (WaitForSingleObject(child->process.get(), 0) != WAIT_OBJECT_0) return Number(env, UV__EAGAIN);
  DWORD code;
  return Number(env, GetExitCodeProcess(child->process.get(), &code) ? static_cast<int64_t>(code) : LastError());
}

napi_value Terminate(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  uint64_t code;
  const Birth* birth = Unwrap(env, args[0]);
  if (birth == nullptr || !args.Size(1, "code", UINT32_MAX, &code)) return nullptr;
  const Child* child = birth->child();
  return Number(env, child == nullptr ? UV__ESRCH : TerminateChild(*child, static_cast<UINT>(code)));
}

napi_value SendControlEvent(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  uint64_t event, group;
  if (!args.Size(0, "event", UINT32_MAX, &event) || !args.Size(1, "group", UINT32_MAX, &group)) return nullptr;
  const BOOL sent = GenerateConsoleCtrlEvent(static_cast<DWORD>(event), static_cast<DWORD>(group));
  return Number(env, sent ? 0 : LastError());
}

napi_value Close(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  Birth* birth = Unwrap(env, args[0]);
  if (birth == nullptr) return nullptr;
  birth->Close();
  return Number(env, 0);
}

// How many handles this process has, for tests that look for leaks.
napi_value HandleCount(napi_env env, napi_callback_info) {
  DWORD count;
  return Number(env, GetProcessHandleCount(GetCurrentProcess(), &count) ? static_cast<int64_t>(count) : LastError());
}

}  // namespace

bool DefineChildren(napi_env env, napi_value processes) {
  const Function functions[] = {{"spawn", Spawn},
                                {"handle", ChildHandle},
                                {"spawned", Spawned},
                                {"exitCode", ExitCode},
                                {"terminate", Terminate},
                                {"sendControlEvent", SendControlEvent},
                                {"close", Close},
                                {"handleCount", HandleCount}};
  return processes != nullptr && DefineFunctions(env, processes, functions);
}

}  // namespace loop
