// The JavaScript class over a completion port.
#include "completion_port/completion_port_object.h"

#include <cstring>
#include <memory>

#include "common/arguments.h"
#include "common/poller.h"
#include "common/shared_integers.h"
#include "common/waitable_object.h"
#include "completion_port/completion_port.h"
#include "winsock/host_file.h"

#include <uv/errno.h>

namespace loop {

namespace {

// Slots index an array of operations.
constexpr uint64_t kMaxSlot = (1 << 24) - 1;
// What one operation may have of memory.
constexpr uint64_t kMaxSize = 1 << 30;
// TransmitFile's own limit.
constexpr uint64_t kMaxTransmit = 0x7FFFFFFE;

void CloseAtEnd(void* port) { static_cast<CompletionPort*>(port)->Close(); }

struct ProactorObject : WaitableObject {
  std::shared_ptr<Waitable> waitable() const override { return port; }

  ~ProactorObject() override {
    if (port == nullptr) return;
    napi_remove_env_cleanup_hook(env, CloseAtEnd, port.get());
    port->Close();
  }

  napi_env env;
  std::shared_ptr<CompletionPort> port;
  Completion* completions;
};

// The arguments of a call, and whose it is. What begins an operation has its handle, slot and generation in front.
template <size_t N>
class Call : public Arguments<N> {
 public:
  Call(napi_env env, napi_callback_info info) : Arguments<N>(env, info), env_(env) {
    napi_value self;
    WaitableObject* object = nullptr;
    if (napi_get_cb_info(env, info, nullptr, nullptr, &self, nullptr) == napi_ok) object = UnwrapWaitable(env, self);
    if (object == nullptr) return;
    if (object->is_poller()) {
      ThrowType(env, "this", "a proactor");
    } else {
      proactor = static_cast<ProactorObject*>(object);
      port = proactor->port.get();
    }
  }

  bool ReadOperation() {
    uint64_t number;
    if (port == nullptr || !this->Size(0, "handle", kMaxSafeInteger, &number) || !ReadSlot(1)) return false;
    handle = reinterpret_cast<HANDLE>(number);
    socket = static_cast<SOCKET>(number);
    return this->Int(2, "generation", &generation);
  }

  bool ReadSlot(size_t index) {
    uint64_t number;
    if (!this->Size(index, "slot", kMaxSlot, &number)) return false;
    slot = static_cast<int32_t>(number);
    return true;
  }

  // Memory for the bytes of a read.
  bool ReadCount(uint32_t* size) const {
    uint64_t number;
    if (!this->Size(3, "size", kMaxSize, &number)) return false;
    *size = static_cast<uint32_t>(number);
    return true;
  }

  // `buffers`, `from`, `offset`, `limit` behind the operation.
  bool ReadChunks(std::vector<Chunk>* chunks) const;

  ProactorObject* proactor = nullptr;
  CompletionPort* port = nullptr;
  HANDLE handle = nullptr;
  SOCKET socket = INVALID_SOCKET;
  int32_t slot = 0;
  int32_t generation = 0;

 private:
  napi_env env_;
};

template <size_t N>
bool Call<N>::ReadChunks(std::vector<Chunk>* chunks) const {
  uint32_t count;
  uint64_t from, offset, limit;
  const Call& call = *this;
  if (!ReadArrayLength(env_, call[3], "buffers", &count) || !this->Size(4, "from", count, &from) ||
      !this->Size(5, "offset", kMaxSafeInteger, &offset) || !this->Size(6, "limit", kMaxSize, &limit)) {
    return false;
  }
  // Elements can be getters, so JavaScript may run: the memory is looked up after the last of them.
  std::vector<napi_value> values;
  size_t expected = 0;
  for (uint32_t index = static_cast<uint32_t>(from); index < count && expected < limit + offset; index++) {
    napi_value value;
    Bytes bytes;
    if (napi_get_element(env_, call[3], index, &value) != napi_ok || !ReadBytes(env_, value, "buffers", &bytes)) {
      return false;
    }
    values.push_back(value);
    expected += bytes.size;
  }
  size_t room = static_cast<size_t>(limit);
  size_t skip = static_cast<size_t>(offset);
  for (napi_value value : values) {
    Bytes bytes;
    if (!ReadBytes(env_, value, "buffers", &bytes)) return false;
    const size_t skipped = skip < bytes.size ? skip : bytes.size;
    const size_t size = bytes.size - skipped < room ? bytes.size - skipped : room;
    skip -= skipped;
    room -= size;
    if (size > 0) chunks->push_back({bytes.data + skipped, size});
  }
  return true;
}

napi_value Wait(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  int64_t timeout;
  if (call.port == nullptr || !ReadTimeout(env, call[0], "timeout", &timeout)) return nullptr;
  return Number(env, call.port->Collect(timeout, call.proactor->completions));
}

napi_value Wake(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  if (call.port != nullptr) call.port->Wake();
  return nullptr;
}

napi_value Close(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  if (call.port != nullptr) call.port->Close();
  return nullptr;
}

napi_value Associate(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  uint64_t handle;
  if (call.port == nullptr || !call.Size(0, "handle", kMaxSafeInteger, &handle)) return nullptr;
  return Number(env, call.port->Associate(reinterpret_cast<HANDLE>(handle)));
}

napi_value Receive(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint32_t size;
  if (!call.ReadOperation() || !call.ReadCount(&size)) return nullptr;
  return Number(env, call.port->Receive(call.socket, call.slot, call.generation, size));
}

napi_value Read(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint32_t size;
  if (!call.ReadOperation() || !call.ReadCount(&size)) return nullptr;
  return Number(env, call.port->Read(call.handle, call.slot, call.generation, size));
}

napi_value Send(napi_env env, napi_callback_info info) {
  Call<7> call(env, info);
  std::vector<Chunk> chunks;
  if (!call.ReadOperation() || !call.ReadChunks(&chunks)) return nullptr;
  return Number(env, call.port->Send(call.socket, call.slot, call.generation, chunks));
}

napi_value Write(napi_env env, napi_callback_info info) {
  Call<7> call(env, info);
  std::vector<Chunk> chunks;
  if (!call.ReadOperation() || !call.ReadChunks(&chunks)) return nullptr;
  return Number(env, call.port->Write(call.handle, call.slot, call.generation, chunks));
}

bool ReadAddress(napi_env env, napi_value value, Chunk* address) {
  Bytes bytes;
  if (!ReadBytes(env, value, "address", &bytes)) return false;
  if (bytes.size < sizeof(ADDRESS_FAMILY) || bytes.size > sizeof(sockaddr_storage)) {
    return ThrowRange(env, "address", "an address of the system's");
  }
  *address = {bytes.data, bytes.size};
  return true;
}

napi_value Accept(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  int32_t family;
  if (!call.ReadOperation() || !call.Int(3, "family", &family)) return nullptr;
  return Number(env, call.port->Accept(call.socket, call.slot, call.generation, family));
}

napi_value Connect(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  Chunk address;
  if (!call.ReadOperation() || !ReadAddress(env, call[3], &address)) return nullptr;
  return Number(env, call.port->Connect(call.socket, call.slot, call.generation, address));
}

napi_value TransmitFile(napi_env env, napi_callback_info info) {
  Call<6> call(env, info);
  int file;
  uint64_t offset, count;
  if (!call.ReadOperation() || !call.Descriptor(3, &file, "file") ||
      !call.Size(4, "offset", kMaxSafeInteger, &offset) || !call.Size(5, "count", kMaxTransmit, &count)) {
    return nullptr;
  }
  const HANDLE handle = HandleOfHostFile(file);
  if (handle == INVALID_HANDLE_VALUE) return Number(env, UV__EBADF);
  return Number(env, call.port->Transmit(call.socket, call.slot, call.generation, handle, offset,
                                         static_cast<uint32_t>(count)));
}

napi_value ConnectPipe(napi_env env, napi_callback_info info) {
  Call<3> call(env, info);
  if (!call.ReadOperation()) return nullptr;
  return Number(env, call.port->ConnectPipe(call.handle, call.slot, call.generation));
}

napi_value Poll(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint64_t events;
  if (!call.ReadOperation() || !call.Size(3, "events", kRead | kWrite, &events)) return nullptr;
  return Number(env, call.port->Poll(call.socket, call.slot, call.generation, static_cast<int32_t>(events)));
}

napi_value WaitForHandle(napi_env env, napi_callback_info info) {
  Call<3> call(env, info);
  if (!call.ReadOperation()) return nullptr;
  return Number(env, call.port->WaitForHandle(call.handle, call.slot, call.generation));
}

napi_value Cancel(napi_env env, napi_callback_info info) {
  Call<2> call(env, info);
  if (call.port == nullptr || !call.ReadSlot(0) || !call.Int(1, "generation", &call.generation)) return nullptr;
  return Number(env, call.port->Cancel(call.slot, call.generation));
}

napi_value Take(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  Bytes bytes;
  if (call.port == nullptr || !call.ReadSlot(0) || !call.Slice(1, &bytes)) return nullptr;
  const Operation* operation = call.port->Brought(call.slot);
  if (operation == nullptr) return Number(env, UV__ENOENT);
  const size_t count = operation->size < bytes.size ? operation->size : bytes.size;
  memcpy(bytes.data, operation->memory.get(), count);
  call.port->LetGo(call.slot);
  return Number(env, static_cast<int64_t>(count));
}

napi_value Construct(napi_env env, napi_callback_info info) {
  napi_value self, target = nullptr, completions;
  if (napi_get_cb_info(env, info, nullptr, nullptr, &self, nullptr) != napi_ok ||
      napi_get_new_target(env, info, &target) != napi_ok) {
    return nullptr;
  }
  if (target == nullptr) {
    napi_throw_type_error(env, "ERR_CONSTRUCT_CALL_REQUIRED", "A proactor cannot be made without 'new'");
    return nullptr;
  }
  auto object = std::make_unique<ProactorObject>();
  int32_t* words;
  if (!MakeSharedIntegers(env, kMaxCompletions * sizeof(Completion) / sizeof(int32_t), &completions, &words)) {
    return nullptr;
  }
  object->env = env;
  object->completions = reinterpret_cast<Completion*>(words);
  auto port = std::make_shared<CompletionPort>();
  if (const int error = port->Open(); error != 0) {
    ThrowSystem(env, -error, "CreateIoCompletionPort");
    return nullptr;
  }
  object->port = std::move(port);
  // After the thread that waits for it has ended: hooks run in the reverse order, and the thread is begun later.
  napi_add_env_cleanup_hook(env, CloseAtEnd, object->port.get());
  const napi_property_descriptor property = {"completions", nullptr,     nullptr,         nullptr,
                                             nullptr,       completions, napi_enumerable, nullptr};
  if (napi_define_properties(env, self, 1, &property) != napi_ok || !WrapWaitable(env, self, std::move(object))) {
    return nullptr;
  }
  return self;
}

napi_property_descriptor Method(const char* name, napi_callback call) {
  return {name, nullptr, call, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

}  // namespace

bool DefineCompletionPort(napi_env env, napi_value exports) {
  const napi_property_descriptor methods[] = {
      Method("wait", Wait),
      Method("wake", Wake),
      Method("close", Close),
      Method("associate", Associate),
      Method("recv", Receive),
      Method("send", Send),
      Method("accept", Accept),
      Method("connect", Connect),
      Method("transmitFile", TransmitFile),
      Method("read", Read),
      Method("write", Write),
      Method("connectNamedPipe", ConnectPipe),
      Method("poll", Poll),
      Method("waitForHandle", WaitForHandle),
      Method("cancel", Cancel),
      Method("take", Take),
  };
  napi_value constructor;
  return napi_define_class(env, "IocpProactor", NAPI_AUTO_LENGTH, Construct, nullptr,
                           sizeof methods / sizeof *methods, methods, &constructor) == napi_ok &&
         napi_set_named_property(env, exports, "IocpProactor", constructor) == napi_ok;
}

}  // namespace loop
