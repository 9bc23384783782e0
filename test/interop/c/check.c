/* Runs every case against HOST:PORT and prints a line for each: `ok NAME`, or `FAILED NAME: why`. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "check.h"

#define case_limit_s 30
#define wait_limit_s 15
#define events_max 64
#define descriptors_max 64

struct event {
  int type;
  int state;
  char path[256];
};

struct events {
  struct event items[events_max];
  int taken;
  int count;
};

static const struct check *const tables[] = {node_checks, multi_checks, watch_checks, access_checks, session_checks};
static const char *host;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static struct events node_events, session_events;

static int run_apart(const struct check *check);

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s HOST:PORT\n", argv[0]);
    return 2;
  }
  host = argv[1];
  int failures = 0;
  for (size_t table = 0; table < sizeof tables / sizeof *tables; table++)
    for (const struct check *check = tables[table]; check->name != NULL; check++) failures += run_apart(check);
  return failures > 0;
}

/* The client's threads do not survive a fork, so a case forks before it has any. */
static int run_apart(const struct check *check) {
  int reason[2];
  if (pipe(reason) != 0) exit(2);
  pid_t child = fork();
  if (child == 0) {
    close(reason[0]);
    dup2(reason[1], STDOUT_FILENO);
    alarm(case_limit_s);
    zoo_set_debug_level((ZooLogLevel)0); /* Cut connections are what some cases are about. */
    check->run();
    exit(0);
  }
  close(reason[1]);
  char why[1024] = "";
  size_t length = 0;
  ssize_t got;
  while ((got = read(reason[0], why + length, sizeof why - 1 - length)) > 0) length += (size_t)got;
  close(reason[0]);
  int status;
  waitpid(child, &status, 0);
  why[length] = '\0';
  if (status == 0) printf("ok %s\n", check->name);
  else if (WIFSIGNALED(status)) printf("FAILED %s: ended by signal %d\n", check->name, WTERMSIG(status));
  else printf("FAILED %s: %s\n", check->name, why);
  fflush(stdout);
  return status != 0;
}

void fail(const char *file, int line, const char *format, ...) {
  va_list values;
  va_start(values, format);
  printf("%s:%d: ", file, line);
  vprintf(format, values);
  va_end(values);
  fflush(stdout);
  _exit(1);
}

void expect_number_at(const char *file, int line, const char *what, int64_t expected, int64_t actual) {
  if (expected == actual) return;
  fail(file, line, "%s is %lld, not %lld", what, (long long)actual, (long long)expected);
}

void expect_text_at(const char *file, int line, const char *what, const char *expected, const char *actual) {
  if (strcmp(expected, actual) != 0) fail(file, line, "%s is '%s', not '%s'", what, actual, expected);
}

zhandle_t *open_session(const clientid_t *id, int timeout_ms) {
  zhandle_t *session = begin_session(id, timeout_ms);
  expect_state(ZOO_CONNECTED_STATE);
  return session;
}

zhandle_t *begin_session(const clientid_t *id, int timeout_ms) {
  zhandle_t *session = zookeeper_init(host, session_watcher, timeout_ms, id, NULL, 0);
  expect(session != NULL);
  return session;
}

static void note(struct events *events, int type, int state, const char *path) {
  pthread_mutex_lock(&lock);
  if (events->count < events_max) {
    struct event *event = &events->items[events->count++];
    event->type = type;
    event->state = state;
    snprintf(event->path, sizeof event->path, "%s", path);
  }
  pthread_cond_broadcast(&came);
  pthread_mutex_unlock(&lock);
}

void session_watcher(zhandle_t *session, int type, int state, const char *path, void *context) {
  (void)session, (void)context;
  if (type == ZOO_SESSION_EVENT) note(&session_events, type, state, path);
  else note(&node_events, type, state, path);
}

void node_watcher(zhandle_t *session, int type, int state, const char *path, void *context) {
  (void)session, (void)context;
  /* A watcher of a node is also told of the session; the session's own watcher notes that. */
  if (type != ZOO_SESSION_EVENT) note(&node_events, type, state, path);
}

static const struct event *next(struct events *events) {
  struct timespec limit;
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_sec += wait_limit_s;
  const struct event *event = NULL;
  pthread_mutex_lock(&lock);
  while (events->taken == events->count)
    if (pthread_cond_timedwait(&came, &lock, &limit) != 0) break;
  if (events->taken < events->count) event = &events->items[events->taken++];
  pthread_mutex_unlock(&lock);
  return event;
}

void expect_state(int state) {
  const struct event *event;
  while ((event = next(&session_events)) != NULL)
    if (event->state == state) return;
  fail(__FILE_NAME__, __LINE__, "the session does not come to state %d", state);
}

void expect_event_at(const char *file, int line, int type, const char *path) {
  const struct event *event = next(&node_events);
  if (event == NULL) fail(file, line, "no event, where %d of %s was to come", type, path);
  if (event->type != type || strcmp(event->path, path) != 0)
    fail(file, line, "event %d of %s, where %d of %s was to come", event->type, event->path, type, path);
}

void expect_no_event_at(const char *file, int line) {
  pthread_mutex_lock(&lock);
  int left = node_events.count - node_events.taken;
  pthread_mutex_unlock(&lock);
  if (left > 0) fail(file, line, "event %d of %s, where none was to come", node_events.items[node_events.taken].type,
                     node_events.items[node_events.taken].path);
}

void cut_connection(void) {
  int port = atoi(strrchr(host, ':') + 1);
  for (int descriptor = 3; descriptor < descriptors_max; descriptor++) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    if (getpeername(descriptor, (struct sockaddr *)&peer, &length) != 0) continue;
    if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
    expect(shutdown(descriptor, SHUT_RDWR) == 0);
    return;
  }
  fail(__FILE_NAME__, __LINE__, "no connection to cut");
}

void create(zhandle_t *session, const char *path, const char *data) {
  expect_ok(zoo_create(session, path, data, (int)strlen(data), &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0));
}

void expect_data(zhandle_t *session, const char *path, const char *expected) {
  char data[256];
  int length = sizeof data - 1;
  expect_ok(zoo_get(session, path, 0, data, &length, NULL));
  data[length < 0 ? 0 : length] = '\0';
  expect_text(expected, data);
}
