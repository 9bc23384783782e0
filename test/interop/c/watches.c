#include <string.h>
#include "check.h"

static void once_each(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  struct String_vector children;
  char data[8];
  int length = sizeof data;

  expect_code(ZNONODE, zoo_wexists(session, "/watched", node_watcher, NULL, &stat));
  create(session, "/watched", "");
  expect_event(ZOO_CREATED_EVENT, "/watched");

  expect_ok(zoo_wget(session, "/watched", node_watcher, NULL, data, &length, &stat));
  expect_ok(zoo_set(session, "/watched", "1", 1, -1));
  expect_event(ZOO_CHANGED_EVENT, "/watched");
  expect_ok(zoo_set(session, "/watched", "2", 1, -1));

  expect_ok(zoo_wget_children(session, "/watched", node_watcher, NULL, &children));
  deallocate_String_vector(&children);
  create(session, "/watched/child", "");
  expect_event(ZOO_CHILD_EVENT, "/watched");
  expect_ok(zoo_delete(session, "/watched/child", -1));

  expect_ok(zoo_wexists(session, "/watched", node_watcher, NULL, &stat));
  expect_ok(zoo_delete(session, "/watched", -1));
  expect_event(ZOO_DELETED_EVENT, "/watched");
  expect_no_event();
  expect_ok(zookeeper_close(session));
}

static void by_another_session(void) {
  zhandle_t *reader = open_session(NULL, session_timeout_ms);
  zhandle_t *writer = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  create(writer, "/shared", "");
  expect_ok(zoo_wexists(reader, "/shared", node_watcher, NULL, &stat));
  expect_ok(zoo_set(writer, "/shared", "1", 1, -1));
  expect_event(ZOO_CHANGED_EVENT, "/shared");
  expect_ok(zookeeper_close(writer));
  expect_ok(zookeeper_close(reader));
}

static void removed(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  create(session, "/unwatched", "");
  expect_ok(zoo_wexists(session, "/unwatched", node_watcher, NULL, &stat));
  expect_ok(zoo_remove_watches(session, "/unwatched", ZWATCHTYPE_DATA, node_watcher, NULL, 0));
  expect_ok(zoo_set(session, "/unwatched", "1", 1, -1));
  expect_ok(zoo_exists(session, "/unwatched", 0, &stat));
  expect_code(ZNOWATCHER, zoo_remove_watches(session, "/unwatched", ZWATCHTYPE_DATA, node_watcher, NULL, 0));
  expect_no_event();
  expect_ok(zookeeper_close(session));
}

static void set_again(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  struct String_vector children;
  create(session, "/again", "");
  expect_ok(zoo_wexists(session, "/again", node_watcher, NULL, &stat));
  expect_ok(zoo_wget_children(session, "/again", node_watcher, NULL, &children));
  deallocate_String_vector(&children);
  expect_code(ZNONODE, zoo_wexists(session, "/again/child", node_watcher, NULL, &stat));

  cut_connection();
  expect_state(ZOO_CONNECTING_STATE);
  expect_state(ZOO_CONNECTED_STATE);

  expect_ok(zoo_set(session, "/again", "1", 1, -1));
  expect_event(ZOO_CHANGED_EVENT, "/again");
  create(session, "/again/child", "");
  expect_event(ZOO_CREATED_EVENT, "/again/child");
  expect_event(ZOO_CHILD_EVENT, "/again");
  expect_no_event();
  expect_ok(zookeeper_close(session));
}

static void missed(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  create(session, "/missed", "");
  expect_ok(zoo_wexists(session, "/missed", node_watcher, NULL, &stat));

  cut_connection();
  zhandle_t *writer = begin_session(NULL, session_timeout_ms);
  expect_ok(zoo_set(writer, "/missed", "1", 1, -1));
  expect_event(ZOO_CHANGED_EVENT, "/missed");
  expect_ok(zookeeper_close(writer));
  expect_ok(zookeeper_close(session));
}

const struct check watch_checks[] = {
    {"watches of data, existence and children come once each", once_each},
    {"a watch tells of what another session does", by_another_session},
    {"a watch that is removed does not come", removed},
    {"watches are set again on a new connection", set_again},
    {"a change that was missed is told on the new connection", missed},
    {NULL, NULL},
};
