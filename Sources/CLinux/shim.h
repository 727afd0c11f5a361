#pragma once
// What glibc offers only under _GNU_SOURCE, which Swift's Glibc module does not define; and epoll,
// which that module leaves out.
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
extern int pipe2(int[2], int);
// The socket headers stay out, for their names would then belong to this module.
struct sockaddr;
extern int accept4(int, struct sockaddr *, unsigned int *, int);
extern int memfd_create(const char *, unsigned int);
extern char **environ;

static const short linux_spawn_new_session = 0x80;   // POSIX_SPAWN_SETSID
static const unsigned int linux_memfd_close_on_exec = 1;  // MFD_CLOEXEC
static const int linux_set_pipe_size = 1031;         // F_SETPIPE_SZ

static inline char **linux_environment(void) { return environ; }

static inline int linux_pidfd_open(int process) {
  return (int)syscall(SYS_pidfd_open, process, 0);
}

static inline int linux_pidfd_send_signal(int descriptor, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, (siginfo_t *)0, 0);
}
