/*
 * UDP in plain C: the floor of the udp suite, and the other end of every measurement.
 *
 *   udp send PORT SIZES SECONDS WARMUP [gso]   sends to 127.0.0.1 as fast as it can, in batches (sendmmsg), or in
 *                                              segments that the kernel cuts up (UDP_SEGMENT)
 *   udp receive SECONDS WARMUP                 prints "listening PORT", counts what comes (recvmmsg)
 *   udp sink SIZES                             the same until SIGTERM, and looks at every byte
 *
 * SIZES is one size, or LEAST-MOST, which are taken in turns. Each ends with one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, LARGEST = 65507, ROOM = 2048, SEGMENTED = 65000 };

static volatile sig_atomic_t ended = 0;

static void on_signal(int number) {
  (void)number;
  ended = 1;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* What every datagram begins with, whoever sends it. */
static unsigned char expected[LARGEST];

static void fill_expected(void) {
  for (int i = 0; i < LARGEST; i++) expected[i] = (unsigned char)(i * 7 + 3);
}

struct sizes {
  int least;
  int most;
};

static struct sizes parse_sizes(const char *text) {
  struct sizes sizes = {atoi(text), atoi(text)};
  const char *dash = strchr(text, '-');
  if (dash != NULL) sizes.most = atoi(dash + 1);
  if (sizes.least < 1 || sizes.most < sizes.least || sizes.most > LARGEST) {
    fprintf(stderr, "%s are no sizes\n", text);
    exit(2);
  }
  return sizes;
}

/* Of the measured seconds; `total` is of all of them. */
static void report(uint64_t datagrams, uint64_t total, uint64_t wrong, double seconds, double cpu_seconds) {
  printf("{\"datagrams\":%llu,\"total\":%llu,\"wrong\":%llu,\"seconds\":%.6f,\"cpuSeconds\":%.6f}\n",
         (unsigned long long)datagrams, (unsigned long long)total, (unsigned long long)wrong, seconds, cpu_seconds);
}

static int send_segments(int fd, int size, const unsigned char *memory) {
  char control[CMSG_SPACE(sizeof(uint16_t))] = {0};
  int count = SEGMENTED / size < BATCH ? SEGMENTED / size : BATCH;
  struct iovec vector = {(void *)(uintptr_t)memory, (size_t)(size * count)};
  struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *segment = CMSG_FIRSTHDR(&header);
  uint16_t value = (uint16_t)size;
  segment->cmsg_level = IPPROTO_UDP;
  segment->cmsg_type = UDP_SEGMENT;
  segment->cmsg_len = CMSG_LEN(sizeof value);
  memcpy(CMSG_DATA(segment), &value, sizeof value);
  return sendmsg(fd, &header, 0) < 0 ? -1 : count;
}

static int send_batch(int fd, struct sizes sizes, uint64_t first) {
  struct mmsghdr messages[BATCH] = {0};
  struct iovec vectors[BATCH];
  for (int i = 0; i < BATCH; i++) {
    size_t size = (size_t)sizes.least + (size_t)((first + (uint64_t)i) % (uint64_t)(sizes.most - sizes.least + 1));
    vectors[i] = (struct iovec){expected, size};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  return sendmmsg(fd, messages, BATCH, 0);
}

static int run_send(int port, struct sizes sizes, double seconds, double warmup, int in_segments) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
  unsigned char *memory = malloc(SEGMENTED);
  if (memory == NULL) fail("malloc");
  for (int at = 0; at + sizes.least <= SEGMENTED; at += sizes.least) memcpy(memory + at, expected, (size_t)sizes.least);
  uint64_t sent = 0, at_start = 0;
  double start = now() + warmup, cpu_start = 0;
  int measuring = 0;
  while (!ended) {
    double time = now();
    if (!measuring && time >= start) {
      measuring = 1;
      at_start = sent;
      start = time;
      cpu_start = cpu();
    }
    if (measuring && time >= start + seconds) break;
    int count = in_segments ? send_segments(fd, sizes.least, memory) : send_batch(fd, sizes, sent);
    /* The receiver may have ended, which is told by the next send. */
    if (count < 0 && errno != ECONNREFUSED && errno != EAGAIN) fail("send");
    if (count > 0) sent += (uint64_t)count;
  }
  report(sent - at_start, sent, 0, now() - start, cpu() - cpu_start);
  return 0;
}

static int bound(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in name = {.sin_family = AF_INET};
  socklen_t length = sizeof name;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0) fail("bind");
  if (getsockname(fd, (struct sockaddr *)&name, &length) < 0) fail("getsockname");
  /* A signal, or a time that is over, is looked at this often. */
  struct timeval limit = {.tv_usec = 100000};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0) fail("setsockopt");
  printf("listening %d\n", ntohs(name.sin_port));
  fflush(stdout);
  return fd;
}

struct batch {
  struct mmsghdr messages[BATCH];
  struct iovec vectors[BATCH];
  struct sockaddr_in senders[BATCH];
  unsigned char memory[BATCH][ROOM];
};

static int receive_batch(int fd, struct batch *batch) {
  for (int i = 0; i < BATCH; i++) {
    batch->vectors[i] = (struct iovec){batch->memory[i], ROOM};
    batch->messages[i].msg_hdr = (struct msghdr){.msg_iov = &batch->vectors[i],
                                                 .msg_iovlen = 1,
                                                 .msg_name = &batch->senders[i],
                                                 .msg_namelen = sizeof batch->senders[i]};
  }
  return recvmmsg(fd, batch->messages, BATCH, MSG_WAITFORONE, NULL);
}

static int run_receive(double seconds, double warmup) {
  static struct batch batch;
  int fd = bound();
  uint64_t datagrams = 0, total = 0;
  double start = 0, cpu_start = 0;
  int measuring = 0;
  while (!ended) {
    int count = receive_batch(fd, &batch);
    if (count <= 0) continue;
    double time = now();
    total += (uint64_t)count;
    if (start == 0) start = time + warmup;
    if (!measuring && time >= start) {
      measuring = 1;
      start = time;
      cpu_start = cpu();
    }
    if (!measuring) continue;
    datagrams += (uint64_t)count;
    if (time >= start + seconds) break;
  }
  report(datagrams, total, 0, now() - start, cpu() - cpu_start);
  return 0;
}

static int run_sink(struct sizes sizes) {
  static struct batch batch;
  int fd = bound();
  /* As much room as it is given, so that what arrives is counted and not what it was too slow for. */
  int room = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  uint64_t datagrams = 0, wrong = 0;
  while (!ended) {
    int count = receive_batch(fd, &batch);
    for (int i = 0; i < count; i++) {
      unsigned int length = batch.messages[i].msg_len;
      datagrams++;
      if (length < (unsigned int)sizes.least || length > (unsigned int)sizes.most ||
          memcmp(batch.memory[i], expected, length) != 0) {
        wrong++;
      }
    }
  }
  report(datagrams, datagrams, wrong, 0, 0);
  return 0;
}

int main(int count, char **arguments) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTERM, &action, NULL);
  fill_expected();
  if (count >= 6 && strcmp(arguments[1], "send") == 0) {
    return run_send(atoi(arguments[2]), parse_sizes(arguments[3]), atof(arguments[4]), atof(arguments[5]),
                    count > 6 && strcmp(arguments[6], "gso") == 0);
  }
  if (count == 4 && strcmp(arguments[1], "receive") == 0) return run_receive(atof(arguments[2]), atof(arguments[3]));
  if (count == 3 && strcmp(arguments[1], "sink") == 0) return run_sink(parse_sizes(arguments[2]));
  fprintf(stderr, "usage: udp send PORT SIZES SECONDS WARMUP [gso] | receive SECONDS WARMUP | sink SIZES\n");
  return 2;
}
