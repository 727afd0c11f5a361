#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>

// Swift's module of the C library leaves out epoll, and what glibc shows to GNU sources only.
// The socket headers are not included, for their names would then belong to this module.
struct sockaddr;
int accept4(int descriptor, struct sockaddr *address, unsigned int *length, int flags);
