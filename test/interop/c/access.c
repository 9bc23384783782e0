#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;
static int outcomes;
static int last_outcome;

static void note_outcome(int code, const void *data) {
  (void)data;
  pthread_mutex_lock(&lock);
  outcomes++;
  last_outcome = code;
  pthread_cond_signal(&answered);
  pthread_mutex_unlock(&lock);
}

static int authenticate(zhandle_t *session, const char *scheme, const char *credentials) {
  int before = outcomes;
  expect_ok(zoo_add_auth(session, scheme, credentials, (int)strlen(credentials), note_outcome, NULL));
  pthread_mutex_lock(&lock);
  while (outcomes == before) pthread_cond_wait(&answered, &lock);
  pthread_mutex_unlock(&lock);
  return last_outcome;
}

static void owners_only(void) {
  zhandle_t *owner = open_session(NULL, session_timeout_ms);
  zhandle_t *stranger = open_session(NULL, session_timeout_ms);
  char data[16];
  int length = sizeof data;

  expect_code(ZINVALIDACL, zoo_create(owner, "/mine", "x", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0));
  expect_ok(authenticate(owner, "digest", "corral:horse"));
  expect_ok(zoo_create(owner, "/mine", "x", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0));
  expect_data(owner, "/mine", "x");

  expect_code(ZNOAUTH, zoo_get(stranger, "/mine", 0, data, &length, NULL));
  expect_code(ZNOAUTH, zoo_set(stranger, "/mine", "y", 1, -1));
  expect_code(ZNOAUTH, zoo_create(stranger, "/mine/x", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0));
  expect_ok(authenticate(stranger, "digest", "corral:horse"));
  expect_data(stranger, "/mine", "x");
  expect_ok(zookeeper_close(stranger));
  expect_ok(zookeeper_close(owner));
}

static void lists_are_read_and_written(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  struct ACL entries[] = {{ZOO_PERM_READ | ZOO_PERM_ADMIN, {"world", "anyone"}}};
  struct ACL_vector readable = {1, entries}, list;
  struct Stat stat;
  create(session, "/list", "x");

  expect_ok(zoo_get_acl(session, "/list", &list, &stat));
  expect_number(1, list.count);
  expect_number(ZOO_PERM_ALL, list.data[0].perms);
  expect_text("world", list.data[0].id.scheme);
  expect_text("anyone", list.data[0].id.id);
  deallocate_ACL_vector(&list);

  expect_code(ZBADVERSION, zoo_set_acl(session, "/list", 3, &readable));
  expect_ok(zoo_set_acl(session, "/list", 0, &readable));
  expect_ok(zoo_get_acl(session, "/list", &list, &stat));
  expect_number(ZOO_PERM_READ | ZOO_PERM_ADMIN, list.data[0].perms);
  expect_number(1, stat.aversion);
  deallocate_ACL_vector(&list);
  expect_data(session, "/list", "x");
  expect_code(ZNOAUTH, zoo_set(session, "/list", "y", 1, -1));

  entries[0].id.scheme = "nonsense";
  expect_code(ZINVALIDACL, zoo_set_acl(session, "/list", -1, &readable));
  expect_ok(zookeeper_close(session));
}

static void kept_on_a_new_connection(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  expect_ok(authenticate(session, "digest", "corral:horse"));
  expect_ok(zoo_create(session, "/again-mine", "x", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0));
  cut_connection();
  expect_state(ZOO_CONNECTING_STATE);
  expect_state(ZOO_CONNECTED_STATE);
  expect_data(session, "/again-mine", "x");
  expect_ok(zookeeper_close(session));
}

static void unknown_scheme(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  expect_code(ZAUTHFAILED, authenticate(session, "nonsense", "x"));
  expect_state(ZOO_AUTH_FAILED_STATE);
  zookeeper_close(session);
}

const struct check access_checks[] = {
    {"what is its creator's is for those who know the password", owners_only},
    {"an access list is read and written", lists_are_read_and_written},
    {"an identity is kept on a new connection", kept_on_a_new_connection},
    {"a scheme that nobody knows fails the session", unknown_scheme},
    {NULL, NULL},
};
