// Unsafe code. Invariant: the bytes of a text are read only while it is borrowed, and only up to their count.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A path, compared by its bytes, as the system does.
///
/// Strings are equal if they are canonically equivalent: `é` may be one scalar or two. A folder may contain files with
/// both names, and a table with strings as keys would lose one of them.
package struct FilePath: Sendable {
  /// The path as a string with the same bytes.
  package let text: String

  package init(_ text: String) {
    var text = text
    // Makes the bytes contiguous, so that they are hashed and compared in place.
    text.makeContiguousUTF8()
    self.text = text
  }

  /// The path of the item with this name in a folder.
  package init(_ name: String, in folder: FilePath) {
    self.init(folder.text.utf8.last == UInt8(ascii: "/") ? folder.text + name : "\(folder.text)/\(name)")
  }

  /// The folder that contains the path.
  package var parent: FilePath { FilePath(parentFolder(text)) }

  /// True if the path is absolute.
  package var isAbsolute: Bool { text.utf8.first == UInt8(ascii: "/") }

  /// Returns true if the path is this folder, or is in it at any depth.
  package func isWithin(_ folder: FilePath) -> Bool { self == folder || below(folder) != nil }

  /// The path relative to this folder; `nil` if it is not in the folder.
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
    // `init` has made every text contiguous.
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
  /// Compares bytes, which is the order of scalars.
  package static func < (a: Self, b: Self) -> Bool { a.withBytes { a in b.withBytes { b in order(a, b) < 0 } } }
}

/// Less than zero if `a` is ordered before `b`, zero if they are equal.
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
