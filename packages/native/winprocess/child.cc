#include "winprocess/child.h"

#include <uv/errno.h>

#include <memory>

#include "winsock/errors.h"

namespace loop {

namespace {

// What CreateProcess takes, with the NUL.
constexpr size_t kLongestCommandLine = 32767;

// The only handles that a child inherits. Without the list it would get every one that is inheritable at that moment: those which
// another thread has just made for another child.
class InheritedHandles {
 public:
  explicit InheritedHandles(const ChildPlan& plan) {
    for (const UniqueHandle& handle : plan.standard) {
      if (handle) handles_.push_back(handle.get());
    }
  }

  ~InheritedHandles() {
    if (list() != nullptr) DeleteProcThreadAttributeList(list());
    SetInheritable(false);
  }

  // False with GetLastError.
  bool Prepare() {
    if (handles_.empty()) return true;
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    memory_.reset(new uint8_t[size]);
    if (!InitializeProcThreadAttributeList(reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.get()), 1, 0, &size)) {
      memory_.reset();
      return false;
    }
    return UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                     handles_.size() * sizeof(HANDLE), nullptr, nullptr) &&
           SetInheritable(true);
  }

  LPPROC_THREAD_ATTRIBUTE_LIST list() const { return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.get()); }
  bool empty() const { return handles_.empty(); }

 private:
  bool SetInheritable(bool inheritable) {
    for (const HANDLE handle : handles_) {
      if (!SetHandleInformation(handle, HANDLE_FLAG_INHERIT, inheritable ? HANDLE_FLAG_INHERIT : 0)) return false;
    }
    return true;
  }

  std::vector<HANDLE> handles_;
  std::unique_ptr<uint8_t[]> memory_;
};

bool IsDirectory(const std::wstring& path) {
  const DWORD attributes = GetFileAttributesW(path.c_str());
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

// The first that is there; null with the reason in `error`.
const std::wstring* FindFile(const std::vector<std::wstring>& files, int32_t* error) {
  *error = UV__ENOENT;
  for (const std::wstring& file : files) {
    const DWORD attributes = GetFileAttributesW(file.c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) continue;
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) return &file;
    *error = UV__EACCES;
  }
  return nullptr;
}

std::wstring CommandLineFor(const ChildPlan& plan, const std::wstring& file) {
  std::wstring line = plan.command_line;
  if (const size_t place = line.find(L'\0'); place != std::wstring::npos) line.replace(place, 1, file);
  return line;
}

UniqueHandle NewJob() {
  UniqueHandle job(CreateJobObjectW(nullptr, nullptr));
  if (!job) return job;
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (!SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits)) return UniqueHandle();
  return job;
}

bool HasEnded(HANDLE process) { return WaitForSingleObject(process, 0) == WAIT_OBJECT_0; }

}  // namespace

int32_t StartChild(const ChildPlan& plan, Child* child, Failed* failed) {
  *failed = Failed::kDirectory;
  if (!plan.directory.empty() && !IsDirectory(plan.directory)) return UV__ENOENT;
  *failed = Failed::kProgram;
  int32_t error;
  const std::wstring* file = FindFile(plan.files, &error);
  if (file == nullptr) return error;
  std::wstring command_line = CommandLineFor(plan, *file);
  if (command_line.size() >= kLongestCommandLine) return UV__E2BIG;

  *failed = Failed::kOther;
  UniqueHandle job;
  if (plan.has_job && !(job = NewJob())) return LastError();
  InheritedHandles inherited(plan);
  if (!inherited.Prepare()) return LastError();
  STARTUPINFOEXW startup = {};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = plan.standard[0].get();
  startup.StartupInfo.hStdOutput = plan.standard[1].get();
  startup.StartupInfo.hStdError = plan.standard[2].get();
  if (plan.is_hidden) {
    startup.StartupInfo.dwFlags |= STARTF_USESHOWWINDOW;
    startup.StartupInfo.wShowWindow = SW_HIDE;
  }
  startup.lpAttributeList = inherited.list();
  // Before it has run, or what it starts first could stay outside of its job.
  const DWORD flags = plan.flags | CREATE_UNICODE_ENVIRONMENT | (inherited.empty() ? 0 : EXTENDED_STARTUPINFO_PRESENT) |
                      (job ? CREATE_SUSPENDED : 0);
  // Those are not changed, only declared so.
  wchar_t* environment = plan.environment.empty() ? nullptr : const_cast<wchar_t*>(plan.environment.data());
  PROCESS_INFORMATION made;
  if (!CreateProcessW(plan.interpreter.empty() ? file->c_str() : plan.interpreter.c_str(), &command_line[0], nullptr,
                      nullptr, !inherited.empty(), flags, environment,
                      plan.directory.empty() ? nullptr : plan.directory.c_str(), &startup.StartupInfo, &made)) {
    *failed = Failed::kProgram;
    return LastError();
  }
  child->process.Reset(made.hProcess);
  child->pid = made.dwProcessId;
  const UniqueHandle thread(made.hThread);
  if (!job) return 0;
  if (!AssignProcessToJobObject(job.get(), made.hProcess) || ResumeThread(thread.get()) == static_cast<DWORD>(-1)) {
    error = LastError();
    TerminateProcess(made.hProcess, 1);
    child->process.Reset(nullptr);
    return error;
  }
  child->job = std::move(job);
  return 0;
}

int32_t TerminateChild(const Child& child, UINT code) {
  if (child.job ? TerminateJobObject(child.job.get(), code) : TerminateProcess(child.process.get(), code)) return 0;
  const int32_t error = LastError();
  return HasEnded(child.process.get()) ? 0 : error;
}

}  // namespace loop
