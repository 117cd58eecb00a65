#include "posix/messages.h"

namespace loop {

// XNU has calls for several messages at once, but no header that names them: they are not for everybody.

int ReceiveMessages(int fd, Message* messages, unsigned int count) { return ReceiveOneByOne(fd, messages, count); }

int SendMessages(int fd, Message* messages, unsigned int count) { return SendOneByOne(fd, messages, count); }

}  // namespace loop
