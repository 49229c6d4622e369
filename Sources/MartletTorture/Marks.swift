#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

private let prefix = ".mark:"

/// Notes in the trace that the program under test has reached a certain point: that it has reported that a file is
/// safe, for example. A mark counts as a call, and does nothing.
///
/// - Parameter folder: the folder whose calls are traced.
public func mark(_ name: String, in folder: String) { unlink("\(folder)/\(prefix)\(name)") }

extension TracedCall {
  /// The name that was passed to `mark`.
  public var mark: String? {
    kind == .unlink && path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
  }
}
