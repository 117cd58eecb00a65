/*
 * Load for an echo server: one process, one thread, epoll; every connection sends a message, waits for
 * the whole reply, checks every byte of it, and sends the next (a closed loop).
 *
 *   load --port N [--host 127.0.0.1] [--connections 100] [--size 64] [--seconds 2] [--warmup 0.5]
 *        [--server-pid PID]
 *
 * Prints one JSON object. Ends with 0 when no error was seen, 1 when one was, 2 when it could not start.
 * After the measured seconds it sends nothing more and waits for the replies still owed, so that a
 * server which loses the end of a stream is found out.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cpu.h"
#include "latency.h"
#include "pattern.h"

enum { EVENTS_A_ROUND = 64, RECEIVE_BUFFER = 256 * 1024, OWED_REPLIES_MS = 2000 };

enum phase { WARMING, MEASURING, COLLECTING };

struct options {
  const char *host;
  int port;
  int connections;
  size_t size;
  double seconds;
  double warmup;
  long server_pid;
};

struct connection {
  int fd;
  bool watches_write;
  uint32_t start;
  uint64_t sent;        /* stream positions, from the connection's first byte */
  uint64_t received;
  uint64_t message_end;
  uint64_t began_ns;
  uint64_t requests;
};

struct errors {
  uint64_t connect, corrupt_bytes, excess_bytes, closed_early, unanswered;
};

struct measured {
  double seconds, server_cpu, load_cpu;
};

struct load {
  struct options options;
  struct pattern pattern;
  struct latency latency;
  struct errors errors;
  struct connection *connections;
  int epoll;
  int open;
  int owed;
  enum phase phase;
  uint64_t requests;
};

static unsigned char receive_buffer[RECEIVE_BUFFER];

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void raise_descriptor_limit(int connections) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)connections + 64) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static void watch(struct load *load, struct connection *connection, int operation, bool write) {
  struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0), .data.ptr = connection};
  epoll_ctl(load->epoll, operation, connection->fd, &event);
  connection->watches_write = write;
}

static void drop(struct load *load, struct connection *connection) {
  close(connection->fd);
  connection->fd = -1;
  load->open--;
  if (connection->received < connection->message_end) load->owed--;
}

static void send_rest(struct load *load, struct connection *connection) {
  while (connection->sent < connection->message_end) {
    const unsigned char *bytes = pattern_at(&load->pattern, connection->start, connection->sent);
    ssize_t n = send(connection->fd, bytes, connection->message_end - connection->sent,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      connection->sent += (uint64_t)n;
    } else if (errno == EAGAIN) {
      if (!connection->watches_write) watch(load, connection, EPOLL_CTL_MOD, true);
      return;
    } else if (errno != EINTR) {
      load->errors.closed_early++;
      drop(load, connection);
      return;
    }
  }
  if (connection->watches_write) watch(load, connection, EPOLL_CTL_MOD, false);
}

static void begin_message(struct load *load, struct connection *connection, uint64_t now) {
  connection->message_end += load->options.size;
  connection->began_ns = now;
  load->owed++;
  send_rest(load, connection);
}

static void end_message(struct load *load, struct connection *connection) {
  uint64_t now = now_ns();
  load->owed--;
  if (load->phase == MEASURING) {
    latency_record(&load->latency, now - connection->began_ns);
    load->requests++;
    connection->requests++;
  }
  if (load->phase != COLLECTING) begin_message(load, connection, now);
}

static void receive(struct load *load, struct connection *connection) {
  ssize_t n = recv(connection->fd, receive_buffer, sizeof receive_buffer, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    load->errors.closed_early++;
    drop(load, connection);
    return;
  }
  uint64_t expected = connection->sent - connection->received;
  if ((uint64_t)n > expected) {
    load->errors.excess_bytes += (uint64_t)n - expected;
    drop(load, connection);
    return;
  }
  const unsigned char *right = pattern_at(&load->pattern, connection->start, connection->received);
  if (memcmp(receive_buffer, right, (size_t)n) != 0) {
    for (ssize_t i = 0; i < n; i++) load->errors.corrupt_bytes += receive_buffer[i] != right[i];
  }
  connection->received += (uint64_t)n;
  if (connection->received == connection->message_end) end_message(load, connection);
}

static bool connect_one(struct load *load, int index) {
  struct connection *connection = &load->connections[index];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->options.port)};
  int on = 1;
  connection->start = pattern_start((uint32_t)index);
  connection->fd = -1;
  if (inet_pton(AF_INET, load->options.host, &address.sin_addr) != 1) {
    errno = EINVAL;
    return false;
  }
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection->fd < 0) return false;
  /* Connecting blocks, which paces us to the server's accepts; sending and receiving never do. */
  if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0) return false;
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  load->open++;
  watch(load, connection, EPOLL_CTL_ADD, false);
  return true;
}

/* Runs the three phases: warming up, measuring, and collecting the replies that are still owed. */
static struct measured run(struct load *load) {
  const double ns = 1e9;
  struct epoll_event events[EVENTS_A_ROUND];
  struct measured measured = {0};
  uint64_t measured_from = 0, collect_until = 0;
  uint64_t begun = now_ns();
  uint64_t warm = begun + (uint64_t)(load->options.warmup * ns);
  for (int i = 0; i < load->options.connections; i++) begin_message(load, &load->connections[i], now_ns());

  while (load->open > 0 && (load->phase != COLLECTING || load->owed > 0)) {
    int count = epoll_wait(load->epoll, events, EVENTS_A_ROUND, 10);
    uint64_t now = now_ns();
    if (load->phase == WARMING && now >= warm) {
      load->phase = MEASURING;
      measured_from = now;
      measured.server_cpu = -cpu_seconds(load->options.server_pid);
      measured.load_cpu = -cpu_seconds(getpid());
    } else if (load->phase == MEASURING && now >= measured_from + (uint64_t)(load->options.seconds * ns)) {
      load->phase = COLLECTING;
      measured.seconds = (double)(now - measured_from) / ns;
      measured.server_cpu += cpu_seconds(load->options.server_pid);
      measured.load_cpu += cpu_seconds(getpid());
      collect_until = now + (uint64_t)OWED_REPLIES_MS * 1000000;
    } else if (load->phase == COLLECTING && now >= collect_until) {
      break;
    }
    for (int i = 0; i < count; i++) {
      struct connection *connection = events[i].data.ptr;
      if (events[i].events & ~(uint32_t)EPOLLOUT) receive(load, connection);
      if (connection->fd >= 0 && (events[i].events & EPOLLOUT)) send_rest(load, connection);
    }
  }
  load->errors.unanswered += (uint64_t)load->owed;
  return measured;
}

static void report(const struct load *load, struct measured measured) {
  const struct errors *errors = &load->errors;
  uint64_t fewest = UINT64_MAX;
  for (int i = 0; i < load->options.connections; i++) {
    if (load->connections[i].requests < fewest) fewest = load->connections[i].requests;
  }
  printf("{\"connections\":%d,\"size\":%zu,\"requests\":%llu,\"seconds\":%.6f,\"rate\":%.1f,",
         load->options.connections, load->options.size, (unsigned long long)load->requests,
         measured.seconds, measured.seconds > 0 ? (double)load->requests / measured.seconds : 0);
  printf("\"p50Us\":%.2f,\"p99Us\":%.2f,\"fewestOnOneConnection\":%llu,",
         (double)latency_quantile(&load->latency, 0.50) / 1e3,
         (double)latency_quantile(&load->latency, 0.99) / 1e3, (unsigned long long)fewest);
  printf("\"serverCpuSeconds\":%.3f,\"loadCpuSeconds\":%.3f,", measured.server_cpu, measured.load_cpu);
  printf("\"errors\":%llu,\"connectErrors\":%llu,\"corruptBytes\":%llu,\"excessBytes\":%llu,"
         "\"closedEarly\":%llu,\"unanswered\":%llu}\n",
         (unsigned long long)(errors->connect + errors->corrupt_bytes + errors->excess_bytes +
                              errors->closed_early + errors->unanswered),
         (unsigned long long)errors->connect, (unsigned long long)errors->corrupt_bytes,
         (unsigned long long)errors->excess_bytes, (unsigned long long)errors->closed_early,
         (unsigned long long)errors->unanswered);
}

static bool parse(int argc, char **argv, struct options *options) {
  static const struct option known[] = {
      {"host", required_argument, NULL, 'h'},       {"port", required_argument, NULL, 'p'},
      {"connections", required_argument, NULL, 'c'}, {"size", required_argument, NULL, 's'},
      {"seconds", required_argument, NULL, 't'},    {"warmup", required_argument, NULL, 'w'},
      {"server-pid", required_argument, NULL, 'i'}, {NULL, 0, NULL, 0},
  };
  for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    switch (option) {
      case 'h': options->host = optarg; break;
      case 'p': options->port = atoi(optarg); break;
      case 'c': options->connections = atoi(optarg); break;
      case 's': options->size = (size_t)atol(optarg); break;
      case 't': options->seconds = atof(optarg); break;
      case 'w': options->warmup = atof(optarg); break;
      case 'i': options->server_pid = atol(optarg); break;
      default: return false;
    }
  }
  return optind == argc && options->port > 0 && options->port < 65536 && options->connections > 0 &&
         options->size > 0 && options->seconds > 0 && options->warmup >= 0;
}

int main(int argc, char **argv) {
  static struct load load = {
      .options = {.host = "127.0.0.1", .connections = 100, .size = 64, .seconds = 2, .warmup = 0.5}};
  if (!parse(argc, argv, &load.options)) {
    fprintf(stderr, "usage: load --port N [--host IPv4] [--connections N] [--size BYTES] [--seconds S] "
                    "[--warmup S] [--server-pid PID]\n");
    return 2;
  }
  raise_descriptor_limit(load.options.connections);
  load.connections = calloc((size_t)load.options.connections, sizeof *load.connections);
  load.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (load.connections == NULL || load.epoll < 0 || pattern_init(&load.pattern, load.options.size) != 0) {
    perror("load: cannot start");
    return 2;
  }
  for (int i = 0; i < load.options.connections; i++) {
    if (connect_one(&load, i)) continue;
    fprintf(stderr, "load: connection %d to %s:%d: %s\n", i, load.options.host, load.options.port,
            strerror(errno));
    load.errors.connect++;
    break;
  }
  report(&load, load.errors.connect == 0 ? run(&load) : (struct measured){0});
  return memcmp(&load.errors, &(struct errors){0}, sizeof load.errors) == 0 ? 0 : 1;
}
