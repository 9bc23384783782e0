#include <string.h>
#include "check.h"

#define operations 4

static void applied_at_once(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  zoo_op_t ops[operations];
  zoo_op_result_t results[operations];
  char first[64], second[64];
  struct Stat stat;

  zoo_create_op_init(&ops[0], "/all", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, first, sizeof first);
  zoo_create_op_init(&ops[1], "/all/n-", "a", 1, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL, second, sizeof second);
  zoo_set_op_init(&ops[2], "/all", "set", 3, 0, &stat);
  zoo_check_op_init(&ops[3], "/all", 1);
  expect_ok(zoo_multi(session, operations, ops, results));

  for (int index = 0; index < operations; index++) expect_number(ZOK, results[index].err);
  expect_text("/all", first);
  expect_text("/all/n-0000000000", second);
  expect_number(1, stat.version);
  expect_number(stat.czxid, stat.mzxid);
  expect_data(session, "/all", "set");
  expect_ok(zookeeper_close(session));
}

static void partial_failure(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  zoo_op_t ops[operations];
  zoo_op_result_t results[operations];
  char path[64];
  struct Stat stat;
  create(session, "/kept", "before");

  zoo_set_op_init(&ops[0], "/kept", "after", 5, -1, &stat);
  zoo_create_op_init(&ops[1], "/kept/child", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path);
  zoo_check_op_init(&ops[2], "/kept", 7);
  zoo_delete_op_init(&ops[3], "/kept", -1);
  expect_code(ZBADVERSION, zoo_multi(session, operations, ops, results));

  expect_number(ZOK, results[0].err);
  expect_number(ZOK, results[1].err);
  expect_number(ZBADVERSION, results[2].err);
  expect_number(ZRUNTIMEINCONSISTENCY, results[3].err);
  expect_data(session, "/kept", "before");
  expect_code(ZNONODE, zoo_exists(session, "/kept/child", 0, &stat));
  expect_ok(zookeeper_close(session));
}

static void of_nothing(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  zoo_op_t none;
  zoo_op_result_t result;
  expect_ok(zoo_multi(session, 0, &none, &result));
  expect_ok(zookeeper_close(session));
}

const struct check multi_checks[] = {
    {"a multi is applied at once", applied_at_once},
    {"a multi of which one operation fails changes nothing and says which", partial_failure},
    {"a multi of nothing", of_nothing},
    {NULL, NULL},
};
