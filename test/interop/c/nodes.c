#include <string.h>
#include "check.h"

static void create_get_set_delete(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  char path[64];
  struct Stat created, read, written;

  expect_ok(zoo_create2(session, "/plain", "one", 3, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path, &created));
  expect_text("/plain", path);
  expect_number(3, created.dataLength);
  expect_number(0, created.version);
  expect_number(created.czxid, created.mzxid);

  expect_ok(zoo_set2(session, "/plain", "three", 5, 0, &written));
  expect_number(1, written.version);
  expect(written.mzxid > created.czxid);
  expect_data(session, "/plain", "three");

  expect_ok(zoo_exists(session, "/plain", 0, &read));
  expect_number(written.mzxid, read.mzxid);
  expect_number(created.czxid, read.czxid);
  expect_number(1, read.version);
  expect_number(5, read.dataLength);
  expect_ok(zoo_delete(session, "/plain", 1));
  expect_code(ZNONODE, zoo_exists(session, "/plain", 0, &read));
  expect_ok(zookeeper_close(session));
}

static void data_of_every_length(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  static char large[1000 * 1000], back[sizeof large];
  int length = sizeof back;
  memset(large, 'x', sizeof large);

  expect_ok(zoo_create(session, "/none", NULL, -1, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0));
  expect_ok(zoo_get(session, "/none", 0, back, &length, NULL));
  expect_number(-1, length);

  length = sizeof back;
  expect_ok(zoo_set(session, "/none", "", 0, -1));
  expect_ok(zoo_get(session, "/none", 0, back, &length, NULL));
  expect_number(0, length);

  length = sizeof back;
  expect_ok(zoo_set(session, "/none", large, sizeof large, -1));
  expect_ok(zoo_get(session, "/none", 0, back, &length, NULL));
  expect_number(sizeof large, length);
  expect(memcmp(large, back, sizeof large) == 0);
  expect_ok(zookeeper_close(session));
}

static void children_and_their_stat(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  struct String_vector children;
  struct Stat stat;
  create(session, "/parent", "");
  create(session, "/parent/a", "");
  create(session, "/parent/b", "");

  expect_ok(zoo_get_children2(session, "/parent", 0, &children, &stat));
  expect_number(2, children.count);
  expect_number(2, stat.numChildren);
  expect_number(2, stat.cversion);
  expect(strcmp(children.data[0], children.data[1]) != 0);
  deallocate_String_vector(&children);
  expect_code(ZNOTEMPTY, zoo_delete(session, "/parent", -1));

  expect_ok(zoo_get_children(session, "/parent/a", 0, &children));
  expect_number(0, children.count);
  deallocate_String_vector(&children);
  expect_ok(zookeeper_close(session));
}

static void every_mode(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  int64_t owner = zoo_client_id(session)->client_id;
  char path[64];
  struct Stat stat;
  create(session, "/modes", "");

  expect_ok(zoo_create2(session, "/modes/e", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, path, sizeof path, &stat));
  expect_number(owner, stat.ephemeralOwner);
  expect_ok(zoo_create2(session, "/modes/s-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL, path, sizeof path, &stat));
  expect_text("/modes/s-0000000001", path);
  expect_number(0, stat.ephemeralOwner);
  expect_ok(zoo_create2(session, "/modes/es-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL_SEQUENTIAL, path, sizeof path, &stat));
  expect_text("/modes/es-0000000002", path);
  expect_number(owner, stat.ephemeralOwner);
  expect_ok(zoo_create2(session, "/modes/c", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_CONTAINER, path, sizeof path, &stat));
  expect_number(0, stat.ephemeralOwner);
  expect_ok(zoo_create2_ttl(session, "/modes/t", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_WITH_TTL, 60000, path, sizeof path, &stat));
  expect_number(0, stat.ephemeralOwner);
  expect_ok(zoo_create_ttl(session, "/modes/ts-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL_WITH_TTL, 60000, path, sizeof path));
  expect_text("/modes/ts-0000000005", path);
  expect_code(ZNOCHILDRENFOREPHEMERALS, zoo_create(session, "/modes/e/x", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0));
  expect_ok(zookeeper_close(session));
}

static void refusals(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  struct Stat stat;
  char data[8];
  int length = sizeof data;
  create(session, "/there", "x");

  expect_code(ZNODEEXISTS, zoo_create(session, "/there", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0));
  expect_code(ZNONODE, zoo_create(session, "/not/there", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0));
  expect_code(ZNONODE, zoo_get(session, "/not", 0, data, &length, &stat));
  expect_code(ZNONODE, zoo_set(session, "/not", "", 0, -1));
  expect_code(ZBADVERSION, zoo_set(session, "/there", "", 0, 7));
  expect_code(ZBADVERSION, zoo_delete(session, "/there", 7));
  expect_code(ZNONODE, zoo_delete(session, "/not", -1));
  expect_code(ZBADARGUMENTS, zoo_delete(session, "/", -1));
  expect_code(ZINVALIDACL, zoo_create(session, "/new", "", 0, &(struct ACL_vector){0, NULL}, 0, NULL, 0));
  expect_data(session, "/there", "x");
  expect_ok(zookeeper_close(session));
}

static void configuration(void) {
  zhandle_t *session = open_session(NULL, session_timeout_ms);
  char data[512];
  int length = sizeof data;
  struct Stat stat;
  expect_ok(zoo_getconfig(session, 0, data, &length, &stat));
  expect_number(0, length > 0 ? length : 0);
  expect_code(ZNONODE, zoo_exists(session, "/zookeeper/nothing", 0, &stat));
  expect_ok(zookeeper_close(session));
}

const struct check node_checks[] = {
    {"a node is created, read, written and deleted", create_get_set_delete},
    {"data are nothing, empty or a megabyte", data_of_every_length},
    {"children are listed with the stat of their parent", children_and_their_stat},
    {"every mode of create", every_mode},
    {"what cannot be done is refused by its code", refusals},
    {"the configuration can be read", configuration},
    {NULL, NULL},
};
