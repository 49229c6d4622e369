import MartletCore

/// Where a server listens: a host, by its name or its address, and a port.
struct SocketEndpoint: Sendable, CustomStringConvertible {
  /// Without the brackets in which an IPv6 address may have been written.
  let host: String
  let port: Int

  init(_ host: String, _ port: Int) {
    let isBracketed = host.count > 2 && host.hasPrefix("[") && host.hasSuffix("]")
    self.host = isBracketed ? String(host.dropFirst().dropLast()) : host
    self.port = port
  }

  /// As it is written in a URL: `localhost:9999`, `[::1]:9999`.
  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Why nothing can listen there, whatever the network is like.
  var problem: String? {
    guard (1...65535).contains(port) else { return "the port \(port) does not exist; ports go from 1 to 65535." }
    let advice = "Give its name or its address alone, such as \"localhost\", \"192.0.2.7\" or \"::1\""
    if host.isEmpty { return "the host is empty. \(advice)." }
    if host.contains("://") { return "'\(host)' is a URL and not a host. \(advice)." }
    let isImpossible = host.unicodeScalars.contains { scalar in
      "/?#@[]\\".unicodeScalars.contains(scalar) || scalar.properties.isWhitespace || scalar.value < 32
    }
    if isImpossible { return "\(host.debugDescription) cannot be a host. \(advice)." }
    let parts = host.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2 { return "'\(host)' names a port, too. \(advice), and the port as the next argument." }
    return nil
  }
}
