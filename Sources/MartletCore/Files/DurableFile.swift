#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that appears whole or not at all, also when the power fails.
///
/// It is written under a hidden name beside its final one. `publish()` brings it to the disk, renames it over what may
/// stand there, and brings the folder to the disk. A file that is not published is removed with this object.
///
/// ```swift
/// let file = try DurableFile(path: "state/epoch-7")
/// try file.write(bytes)
/// try file.publish()
/// ```
package final class DurableFile {
  package let path: String
  private let temporary: String
  private let file: SystemFile
  private let pending = ByteBuffer()
  private var isPublished = false

  /// Bytes that are gathered before they are written.
  static let bufferSize = 256 << 10

  package init(path: String) throws {
    self.path = path
    temporary = hiddenSibling(of: path)
    file = try SystemFile.create(temporary)
  }

  deinit { if !isPublished { unlink(temporary) } }

  /// Appends bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    if pending.count + bytes.count > Self.bufferSize { try flush() }
    if bytes.count > Self.bufferSize { return try file.write(bytes) }
    if let start = bytes.baseAddress { pending.append(start, count: bytes.count) }
  }

  /// Appends bytes.
  package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  private func flush() throws {
    try file.write(pending.bytes)
    pending.removeAll()
  }

  /// Makes the file appear. Afterwards nothing more can be written.
  package func publish() throws {
    guard !isPublished else { throw MartletError(.invalidState, "The file '\(path)' has been published already.") }
    try flush()
    try file.synchronize()
    guard rename(temporary, path) == 0 else {
      throw systemFailure("Cannot rename '\(temporary)' to '\(path)'", errno)
    }
    isPublished = true
    try Folder.synchronize(parentFolder(path))
  }
}

/// A hidden name in the folder of `path` that no other file has. It begins as the name of `path` does, and is never too
/// long for a disk, whatever the length of that.
package func hiddenSibling(of path: String) -> String {
  "\(parentFolder(path))/.\(temporaryName(lastComponent(path)))"
}

/// A name that begins as `name` does, that no other file has, and that is never too long for a disk.
package func temporaryName(_ name: String) -> String {
  // Some encrypting disks have room for no more than 143 bytes in a name.
  var bytes = 0
  let beginning = name.unicodeScalars.prefix { scalar in
    bytes += UTF8.width(scalar)
    return bytes <= 96
  }
  return "\(String(beginning)).\(getpid())-\(randomName())"
}

/// The folder that holds `path`.
package func parentFolder(_ path: String) -> String {
  let path = withoutTrailingSlashes(path)
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : withoutTrailingSlashes(String(path[..<slash]))
}

/// `path` from the root on; the path itself if the folder of this process cannot be told.
package func absolutePath(_ path: String) -> String {
  if path.utf8.first == UInt8(ascii: "/") { return path }
  guard let current = getcwd(nil, 0) else { return path }
  defer { free(current) }
  return String(cString: current) + "/" + path
}

/// `path` from the root on, without `.`, `..` and empty names; links are not followed.
package func normalizedPath(_ path: String) -> String {
  var parts: [Substring] = []
  for bytes in absolutePath(path).utf8.split(separator: UInt8(ascii: "/")) {
    let part = Substring(bytes)
    if part == "." { continue }
    if part == ".." { _ = parts.popLast() } else { parts.append(part) }
  }
  return "/" + parts.joined(separator: "/")
}

/// Throws if `path` has a byte that is zero: the system would take the path to end there, and mean another file.
package func refuseZeroByte(_ path: String) throws {
  guard path.utf8.contains(0) else { return }
  throw MartletError(
    .invalidArgument,
    """
    The path \(path.debugDescription) has a zero byte in it, which no name of a file or folder may have. If the name is \
    made from data, replace what a name must not hold.
    """)
}

/// The name of `path` within its folder.
package func lastComponent(_ path: String) -> String {
  let path = withoutTrailingSlashes(path)
  return path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
}

/// `path` without slashes at its end.
package func withoutTrailingSlashes(_ path: String) -> String {
  // By bytes: a slash is a separator also where the next character combines with it.
  var bytes = path.utf8[...]
  while bytes.last == UInt8(ascii: "/") && bytes.startIndex != bytes.index(before: bytes.endIndex) {
    bytes = bytes.dropLast()
  }
  return String(Substring(bytes))
}
