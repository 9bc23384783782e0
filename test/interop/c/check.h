/* What every case has at hand. A case runs in a process of its own and ends it at the first thing that is not so. */
#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>
#include <zookeeper/zookeeper.h>

struct check {
  const char *name;
  void (*run)(void);
};

/* One table per file, each ended by a row without a name. */
extern const struct check node_checks[], multi_checks[], watch_checks[], access_checks[], session_checks[];

/* Ends the case: FAILED with this reason. */
void fail(const char *file, int line, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

#define expect(condition)                                  \
  do {                                                     \
    if (!(condition)) fail(__FILE_NAME__, __LINE__, "not so: %s", #condition); \
  } while (0)
#define expect_number(expected, actual) expect_number_at(__FILE_NAME__, __LINE__, #actual, expected, actual)
#define expect_text(expected, actual) expect_text_at(__FILE_NAME__, __LINE__, #actual, expected, actual)
/* The result code of a call of the client. */
#define expect_code(expected, call) expect_number_at(__FILE_NAME__, __LINE__, #call, expected, call)
#define expect_ok(call) expect_code(ZOK, call)

void expect_number_at(const char *file, int line, const char *what, int64_t expected, int64_t actual);
void expect_text_at(const char *file, int line, const char *what, const char *expected, const char *actual);

#define session_timeout_ms 10000

/* Waits until the session is there; `id` may be NULL. Its events of the session itself go to `session_event`. */
zhandle_t *open_session(const clientid_t *id, int timeout_ms);
/* Does not wait: for sessions that are expected to be refused. */
zhandle_t *begin_session(const clientid_t *id, int timeout_ms);

/* The watcher of a session, which notes what happens to the session, and one for nodes. */
void session_watcher(zhandle_t *session, int type, int state, const char *path, void *context);
void node_watcher(zhandle_t *session, int type, int state, const char *path, void *context);

/* Waits until the session has reached this state. States come in the order in which they happened. */
void expect_state(int state);
/* Waits for the next event of a node, which is to be this one. */
#define expect_event(type, path) expect_event_at(__FILE_NAME__, __LINE__, type, path)
void expect_event_at(const char *file, int line, int type, const char *path);
/* No event of a node has come that nobody expected. A round trip before it makes sure that none is on its way. */
#define expect_no_event() expect_no_event_at(__FILE_NAME__, __LINE__)
void expect_no_event_at(const char *file, int line);

/* Ends the connection without a word to the server or the client: the only one of this process. */
void cut_connection(void);

void create(zhandle_t *session, const char *path, const char *data);
void expect_data(zhandle_t *session, const char *path, const char *expected);

#endif
