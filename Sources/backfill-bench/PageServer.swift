import Glibc
import Processes

/// nginx serving the pages of the made-up source on a port of 127.0.0.1.
struct PageServer {
  let port: Int
  let folder: String

  /// Serves `root` while `body` runs.
  static func with<Value: Sendable>(
    root: String, folder: String, port: Int, _ body: (PageServer) async throws -> Value
  ) async throws -> Value {
    guard let nginx = Program.find("nginx", in: Program.defaultFolders) else {
      throw BenchError("nginx was not found; install it with: sudo apt-get install nginx-light")
    }
    let configuration = "\(folder)/nginx.conf"
    try write(
      """
      daemon off; master_process off; worker_processes 1; pid \(folder)/nginx.pid;
      error_log \(folder)/nginx.log;
      events { worker_connections 512; }
      http {
        access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
        client_body_temp_path \(folder)/t1; proxy_temp_path \(folder)/t2;
        fastcgi_temp_path \(folder)/t3; uwsgi_temp_path \(folder)/t4; scgi_temp_path \(folder)/t5;
        types { application/json json; }
        server { listen 127.0.0.1:\(port); root \(root); }
      }
      """, to: configuration)
    var command = Command(nginx, ["-c", configuration, "-p", folder])
    command.endsWithParent = true
    return try await command.withProcess { process in
      try await waitUntilItAnswers(port)
      let value = try await body(PageServer(port: port, folder: folder))
      _ = await process.stop()
      return value
    }
  }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw BenchError("\(path) cannot be written.") }
    fputs(text, file)
    fclose(file)
  }

  private static func waitUntilItAnswers(_ port: Int) async throws {
    for _ in 0..<100 {
      if answers(port) { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw BenchError("nginx did not answer on port \(port).")
  }

  private static func answers(_ port: Int) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
