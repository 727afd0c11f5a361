import Glibc

/// A killed process of another parent vanishes when that parent, or init, takes its status.
func hasVanished(_ process: pid_t) async -> Bool {
  let end = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < end {
    if kill(process, 0) != 0 || isZombie(process) { return true }
    await Task.yield()
  }
  return false
}

private func isZombie(_ process: pid_t) -> Bool {
  let file = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return true }
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 512)
  let count = read(file, &bytes, bytes.count)
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).contains(") Z ")
}
