/*
 * Stands between a server and the C library, and does what a control block in shared memory says (shim.ts writes it):
 * wall clocks that are wrong, syncs that fail, and syncs that take their time. The monotonic clock stays as it is.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
  int64_t clock_offset_ms;
  int32_t syncs_to_fail;
  int32_t syncs_failed;
  int32_t sync_delay_ms;
};

static struct control none;
static struct control *control = &none;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CHAOS_CONTROL");
  int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *block = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (block != MAP_FAILED) control = block;
  close(fd);
}

static int fails(void) {
  int32_t ms = control->sync_delay_ms;
  if (ms > 0) usleep((useconds_t)ms * 1000);
  int32_t left = __atomic_load_n(&control->syncs_to_fail, __ATOMIC_SEQ_CST);
  while (left > 0)
    if (__atomic_compare_exchange_n(&control->syncs_to_fail, &left, left - 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
      __atomic_add_fetch(&control->syncs_failed, 1, __ATOMIC_SEQ_CST);
      errno = EIO;
      return 1;
    }
  return 0;
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return fails() ? -1 : real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return fails() ? -1 : real(fd);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  static int (*real)(struct timeval *, void *);
  if (real == NULL) real = (int (*)(struct timeval *, void *))dlsym(RTLD_NEXT, "gettimeofday");
  int status = real(now, zone);
  if (status == 0 && now != NULL) {
    int64_t us = now->tv_sec * 1000000LL + now->tv_usec + control->clock_offset_ms * 1000;
    now->tv_sec = us / 1000000;
    now->tv_usec = us % 1000000;
  }
  return status;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (real == NULL) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int status = real(clock, now);
  if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t ms = control->clock_offset_ms;
    int64_t ns = now->tv_nsec + (ms % 1000) * 1000000LL;
    now->tv_sec += ms / 1000 + (ns >= 1000000000LL) - (ns < 0);
    now->tv_nsec = ns >= 1000000000LL ? ns - 1000000000LL : ns < 0 ? ns + 1000000000LL : ns;
  }
  return status;
}
