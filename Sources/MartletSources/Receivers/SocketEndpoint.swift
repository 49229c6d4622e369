import MartletCore

/// The address of a server: a host, by name or address, and a port.
struct SocketEndpoint: Sendable, CustomStringConvertible {
  /// The host, without the brackets of an IPv6 address.
  let host: String
  let port: Int

  init(_ host: String, _ port: Int) {
    let isBracketed = host.count > 2 && host.hasPrefix("[") && host.hasSuffix("]")
    self.host = isBracketed ? String(host.dropFirst().dropLast()) : host
    self.port = port
  }

  /// The form used in URLs: `localhost:9999`, `[::1]:9999`.
  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// The reason why no server can have this address; `nil` if one can.
  var problem: String? {
    guard (1...65535).contains(port) else { return "the port \(port) is invalid; it must be from 1 to 65535." }
    let advice = "Pass only its name or its address, such as \"localhost\", \"192.0.2.7\" or \"::1\""
    if host.isEmpty { return "the host is empty. \(advice)." }
    if host.contains("://") { return "'\(host)' is a URL, not a host. \(advice)." }
    let isImpossible = host.unicodeScalars.contains { scalar in
      "/?#@[]\\".unicodeScalars.contains(scalar) || scalar.properties.isWhitespace || scalar.value < 32
    }
    if isImpossible { return "\(host.debugDescription) is not a valid host. \(advice)." }
    let parts = host.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2 { return "'\(host)' includes a port. \(advice), and the port as the next argument." }
    return nil
  }
}
