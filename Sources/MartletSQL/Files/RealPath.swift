#if canImport(Glibc)
  private import Glibc
#elseif canImport(Musl)
  private import Musl
#elseif canImport(Darwin)
  private import Darwin
#endif

/// Paths without links.
enum RealPath {
  /// The path that the system finds; `nil` if nothing is there.
  static func of(_ path: String) -> String? {
    // A zero byte would end the path.
    guard !path.utf8.contains(0), let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }
}
