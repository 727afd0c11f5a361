/// The settings of a private cluster, as the text of a configuration file.
struct ServerSettings {
  let layout: ClusterLayout
  let durability: ClusterConfiguration.Durability
  let memory: MachineMemory
  /// The best way to compress page images that the server was built with.
  let compression: String
  let extra: [String: String]

  var text: String {
    let lines = (settings.filter { extra[$0.name] == nil } + extraSettings)
      .map { "\($0.name) = \(quoted($0.value))" }
    return """
      # Written anew at each start of the private cluster. For settings of your own use ALTER SYSTEM.
      include \(quoted("\(layout.data)/postgresql.conf"))
      \(lines.joined(separator: "\n"))
      include_if_exists \(quoted("\(layout.data)/postgresql.auto.conf"))

      """
  }

  private typealias Setting = (name: String, value: String)

  private var settings: [Setting] { reach + sizes + writing + behaviour }

  private var extraSettings: [Setting] {
    extra.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Who can connect: whoever may enter the socket's directory, and nobody over a network.
  private var reach: [Setting] {
    [
      ("listen_addresses", ""),
      ("port", String(ClusterLayout.port)),
      ("unix_socket_directories", layout.socketDirectory),
      ("unix_socket_permissions", "0700"),
      ("cluster_name", "backfill"),
    ]
  }

  private var sizes: [Setting] {
    [
      ("shared_buffers", "\(memory.sharedBuffers)MB"),
      ("effective_cache_size", "\(memory.effectiveCache)MB"),
      ("maintenance_work_mem", "\(memory.maintenance)MB"),
      ("work_mem", "16MB"),
    ]
  }

  private var writing: [Setting] {
    let safe = durability == .full ? "on" : "off"
    return [
      ("fsync", safe),
      ("synchronous_commit", safe),
      ("full_page_writes", safe),
      ("wal_compression", compression),
      // Fewer checkpoints, fewer page images: a load writes each page once more after each.
      ("max_wal_size", "4GB"),
      ("checkpoint_timeout", "15min"),
      ("checkpoint_completion_target", "0.9"),
    ]
  }

  private var behaviour: [Setting] {
    [
      // Compiling a batch statement took 160 ms where running it took 4.
      ("jit", "off"),
      ("random_page_cost", "1.1"),
      // Hot tables change their size within seconds here, not within minutes.
      ("autovacuum_naptime", "15s"),
      // A statement whose client was killed ends, and with it the locks that it holds.
      ("client_connection_check_interval", "1s"),
      ("timezone", "UTC"),
      ("log_timezone", "UTC"),
      ("lc_messages", "C"),
      ("log_checkpoints", "off"),
      ("log_line_prefix", "%m [%p] "),
    ]
  }

  private func quoted(_ value: String) -> String {
    "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
      + "'"
  }
}
