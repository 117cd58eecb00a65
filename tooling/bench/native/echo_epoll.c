/*
 * The floor: what TCP echo costs on this machine when nothing stands between epoll and the socket.
 *
 *   echo_epoll PORT        (0: any free port; prints "listening PORT", runs until a signal ends it)
 *
 * Level-triggered; bytes go back at once, and only when the kernel takes no more are they kept and
 * reading paused until they have left.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_A_ROUND = 64, RECEIVE_BUFFER = 64 * 1024, BACKLOG = 4096 };

struct connection {
  int fd;
  unsigned char *kept;
  size_t kept_from, kept_end;
};

static unsigned char buffer[RECEIVE_BUFFER];

static void die(const char *what) {
  fprintf(stderr, "echo_epoll: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void watch(int epoll, struct connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(epoll, operation, connection->fd, &event) != 0) die("epoll_ctl");
}

static void drop(struct connection *connection) {
  close(connection->fd);
  free(connection->kept);
  free(connection);
}

static void accept_all(int epoll, int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
      die("accept4");
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) die("calloc");
    connection->fd = fd;
    watch(epoll, connection, EPOLL_CTL_ADD, EPOLLIN);
  }
}

/* Sends what it can; returns how much, or -1 when the connection is over. */
static ssize_t send_some(int fd, const unsigned char *bytes, size_t length) {
  ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
  if (n >= 0) return n;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void echo(int epoll, struct connection *connection) {
  ssize_t received = recv(connection->fd, buffer, sizeof buffer, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  ssize_t sent = received > 0 ? send_some(connection->fd, buffer, (size_t)received) : -1;
  if (sent < 0) {
    drop(connection);
    return;
  }
  if (sent == received) return;
  connection->kept_from = 0;
  connection->kept_end = (size_t)(received - sent);
  connection->kept = malloc(connection->kept_end);
  if (connection->kept == NULL) die("malloc");
  memcpy(connection->kept, buffer + sent, connection->kept_end);
  watch(epoll, connection, EPOLL_CTL_MOD, EPOLLOUT);
}

static void send_kept(int epoll, struct connection *connection) {
  ssize_t sent = send_some(connection->fd, connection->kept + connection->kept_from,
                           connection->kept_end - connection->kept_from);
  if (sent < 0) {
    drop(connection);
    return;
  }
  connection->kept_from += (size_t)sent;
  if (connection->kept_from < connection->kept_end) return;
  free(connection->kept);
  connection->kept = NULL;
  watch(epoll, connection, EPOLL_CTL_MOD, EPOLLIN);
}

static int listen_on(int port) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int on = 1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
  if (listen(fd, BACKLOG) != 0) die("listen");
  if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) die("getsockname");
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

int main(int argc, char **argv) {
  struct epoll_event events[EVENTS_A_ROUND];
  struct rlimit limit;
  if (argc != 2) {
    fprintf(stderr, "usage: echo_epoll PORT\n");
    return 2;
  }
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) die("epoll_create1");
  struct connection listener = {.fd = listen_on(atoi(argv[1]))};
  watch(epoll, &listener, EPOLL_CTL_ADD, EPOLLIN);
  for (;;) {
    int count = epoll_wait(epoll, events, EVENTS_A_ROUND, -1);
    if (count < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < count; i++) {
      struct connection *connection = events[i].data.ptr;
      if (connection == &listener) accept_all(epoll, listener.fd);
      else if (connection->kept != NULL) send_kept(epoll, connection);
      else echo(epoll, connection);
    }
  }
}
