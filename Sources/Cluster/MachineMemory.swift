import Glibc

/// How much memory the server may count on, and its shares of it, in MiB.
struct MachineMemory: Equatable {
  let megabytes: Int

  /// An eighth: the rest is for the operating system's cache, the worker and whatever else runs on
  /// the machine; at most 2 GiB, because a private cluster is a guest.
  var sharedBuffers: Int { min(max(megabytes / 8, 64), 2048) }
  /// What PostgreSQL may suppose to be cached by it and the system together.
  var effectiveCache: Int { max(megabytes / 2, 128) }
  /// For building indexes and vacuuming.
  var maintenance: Int { min(max(megabytes / 32, 32), 512) }

  /// What this machine has, or what its control group allows if that is less.
  static func measured() -> MachineMemory {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let installed = pages * sysconf(Int32(_SC_PAGESIZE)) / (1 << 20)
    let limit = SmallFile.text(at: "/sys/fs/cgroup/memory.max").flatMap {
      Int($0.prefix { $0.isNumber })
    }
    return MachineMemory(megabytes: min(installed, limit.map { $0 / (1 << 20) } ?? installed))
  }
}
