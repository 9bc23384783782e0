#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"

#define short_timeout_ms 2000

static clientid_t left_by_a_process_that_died(const char *path, int timeout_ms);

static void ephemerals_end_with_it(void) {
  zhandle_t *observer = open_session(NULL, session_timeout_ms);
  zhandle_t *owner = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  expect_ok(zoo_create(owner, "/closed", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0));
  expect_ok(zoo_wexists(observer, "/closed", node_watcher, NULL, &stat));
  expect_ok(zookeeper_close(owner));
  expect_event(ZOO_DELETED_EVENT, "/closed");
  expect_code(ZNONODE, zoo_exists(observer, "/closed", 0, &stat));
  expect_ok(zookeeper_close(observer));
}

static void taken_over_by_its_id(void) {
  clientid_t id = left_by_a_process_that_died("/left", session_timeout_ms);
  zhandle_t *session = open_session(&id, session_timeout_ms);
  zhandle_t *observer = open_session(NULL, session_timeout_ms);
  struct Stat stat;

  expect_number(id.client_id, zoo_client_id(session)->client_id);
  expect(memcmp(id.passwd, zoo_client_id(session)->passwd, sizeof id.passwd) == 0);
  expect_number(session_timeout_ms, zoo_recv_timeout(session));
  expect_ok(zoo_exists(session, "/left", 0, &stat));
  expect_number(id.client_id, stat.ephemeralOwner);
  expect_ok(zoo_wexists(observer, "/left", node_watcher, NULL, &stat));
  expect_ok(zookeeper_close(session));
  expect_event(ZOO_DELETED_EVENT, "/left");
  expect_ok(zookeeper_close(observer));
}

static void expires(void) {
  clientid_t id = left_by_a_process_that_died("/expired", short_timeout_ms);
  zhandle_t *observer = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  if (zoo_wexists(observer, "/expired", node_watcher, NULL, &stat) == ZOK) expect_event(ZOO_DELETED_EVENT, "/expired");
  zhandle_t *late = begin_session(&id, session_timeout_ms);
  expect_state(ZOO_EXPIRED_SESSION_STATE);
  expect(is_unrecoverable(late));
  zookeeper_close(late);
  expect_ok(zookeeper_close(observer));
}

static void refused_with_a_wrong_password(void) {
  clientid_t id = left_by_a_process_that_died("/guarded", session_timeout_ms);
  clientid_t guess = id;
  struct Stat stat;
  guess.passwd[0] ^= 1;
  zhandle_t *thief = begin_session(&guess, session_timeout_ms);
  expect_state(ZOO_EXPIRED_SESSION_STATE);
  zookeeper_close(thief);

  zhandle_t *owner = open_session(&id, session_timeout_ms);
  expect_ok(zoo_exists(owner, "/guarded", 0, &stat));
  expect_ok(zookeeper_close(owner));
}

static void kept_on_a_new_connection(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  clientid_t id = *zoo_client_id(session);
  struct Stat stat;
  expect_ok(zoo_create(session, "/kept-open", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0));
  cut_connection();
  expect_state(ZOO_CONNECTING_STATE);
  expect_state(ZOO_CONNECTED_STATE);
  expect_number(id.client_id, zoo_client_id(session)->client_id);
  expect_ok(zoo_exists(session, "/kept-open", 0, &stat));
  expect_number(id.client_id, stat.ephemeralOwner);
  expect_ok(zookeeper_close(session));
}

static void alive_by_pings(void) {
  zhandle_t *session = open_session(NULL, short_timeout_ms);
  int64_t id = zoo_client_id(session)->client_id;
  clientid_t other = left_by_a_process_that_died("/idle-other", short_timeout_ms);
  zhandle_t *observer = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  (void)other;
  /* What says that the time of a silent session is over: one that began later has expired. */
  if (zoo_wexists(observer, "/idle-other", node_watcher, NULL, &stat) == ZOK)
    expect_event(ZOO_DELETED_EVENT, "/idle-other");
  create(session, "/idle", "");
  expect_number(id, zoo_client_id(session)->client_id);
  expect_ok(zookeeper_close(observer));
  expect_ok(zookeeper_close(session));
}

/* Opens a session with an ephemeral node in another process, which ends without closing it. */
static clientid_t left_by_a_process_that_died(const char *path, int timeout_ms) {
  int result[2];
  clientid_t id;
  expect(pipe(result) == 0);
  pid_t child = fork();
  if (child == 0) {
    zhandle_t *session = open_session(NULL, timeout_ms);
    expect_ok(zoo_create(session, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0));
    expect(write(result[1], zoo_client_id(session), sizeof id) == sizeof id);
    kill(getpid(), SIGKILL);
  }
  close(result[1]);
  ssize_t length = read(result[0], &id, sizeof id);
  close(result[0]);
  waitpid(child, NULL, 0);
  expect_number(sizeof id, length);
  return id;
}

const struct check session_checks[] = {
    {"ephemeral nodes end with their session", ephemerals_end_with_it},
    {"a session is taken over by its id and password", taken_over_by_its_id},
    {"a session that is not heard expires", expires},
    {"a session is not taken over with a wrong password", refused_with_a_wrong_password},
    {"a session is kept on a new connection", kept_on_a_new_connection},
    {"a session that has nothing to do stays alive", alive_by_pings},
    {NULL, NULL},
};
