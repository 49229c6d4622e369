// Unsafe code. Invariant: the bytes of a text are read while it is borrowed, and no further than their count.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A path, which is another one if a byte is another, as it is for the system.
///
/// Strings are equal if they are canonically equivalent: `é` may be one scalar or two. Files of both names can be in one
/// folder, so a table of files that has strings for its keys loses one of them.
package struct FilePath: Sendable {
  /// The path as a string of the same bytes.
  package let text: String

  package init(_ text: String) {
    var text = text
    // What is hashed and compared are the bytes where they lie.
    text.makeContiguousUTF8()
    self.text = text
  }

  /// The path of what has this name in a folder.
  package init(_ name: String, in folder: FilePath) {
    self.init(folder.text.utf8.last == UInt8(ascii: "/") ? folder.text + name : "\(folder.text)/\(name)")
  }

  /// The folder that holds it.
  package var parent: FilePath { FilePath(parentFolder(text)) }

  /// Whether it begins at the root.
  package var isAbsolute: Bool { text.utf8.first == UInt8(ascii: "/") }

  /// Whether it is this folder, or lies in it or in a folder within it.
  package func isWithin(_ folder: FilePath) -> Bool { self == folder || below(folder) != nil }

  /// The path from this folder on; `nil` if it does not lie in the folder.
  package func below(_ folder: FilePath) -> FilePath? {
    let bytes = text.utf8
    guard bytes.starts(with: folder.text.utf8) else { return nil }
    var rest = bytes.dropFirst(folder.text.utf8.count)
    if folder.text.utf8.last != UInt8(ascii: "/") {
      guard rest.popFirst() == UInt8(ascii: "/") else { return nil }
    }
    return rest.isEmpty ? nil : FilePath(String(Substring(rest)))
  }

  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    // There are no others than contiguous ones: `init` has seen to it.
    text.utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
      ?? Array(text.utf8).withUnsafeBytes(body)
  }
}

extension FilePath: Hashable {
  package static func == (a: Self, b: Self) -> Bool {
    a.withBytes { a in b.withBytes { b in a.count == b.count && order(a, b) == 0 } }
  }

  package func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: $0) } }
}

extension FilePath: Comparable {
  /// By bytes, which is by scalars.
  package static func < (a: Self, b: Self) -> Bool { a.withBytes { a in b.withBytes { b in order(a, b) < 0 } } }
}

/// Less than zero if `a` goes before `b`, zero if they are the same.
private func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
  if let first = a.baseAddress, let second = b.baseAddress {
    let result = memcmp(first, second, min(a.count, b.count))
    if result != 0 { return Int(result) }
  }
  return a.count - b.count
}

extension FilePath: CustomStringConvertible, ExpressibleByStringLiteral {
  package var description: String { text }

  package init(stringLiteral text: String) { self.init(text) }
}
