#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that appears complete or not at all, even after a power failure.
///
/// It is written under a hidden name beside its final one. `publish()` syncs it to disk, renames it, replacing any
/// existing file, and syncs the folder. A file that is not published is removed with this object.
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

  /// The size of the buffer in which bytes are collected before they are written.
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

  /// Makes the file appear. Nothing can be written afterwards.
  package func publish() throws {
    guard !isPublished else {
      throw MartletError(.invalidState, "The file '\(path)' has already been published. Create a new one.")
    }
    try flush()
    try file.synchronize()
    guard rename(temporary, path) == 0 else {
      throw systemFailure("Cannot rename '\(temporary)' to '\(path)'", errno)
    }
    isPublished = true
    try Folder.synchronize(parentFolder(path))
  }
}

/// A unique hidden name in the folder of `path`. It begins like the name of `path`, but is never too long for a disk.
package func hiddenSibling(of path: String) -> String {
  "\(parentFolder(path))/.\(temporaryName(lastComponent(path)))"
}

/// A unique name that begins like `name` and is never too long for a disk.
package func temporaryName(_ name: String) -> String {
  // Some encrypting file systems limit a name to 143 bytes.
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

/// The absolute form of `path`; `path` itself if the working directory of this process is unknown.
package func absolutePath(_ path: String) -> String {
  if path.utf8.first == UInt8(ascii: "/") { return path }
  guard let current = getcwd(nil, 0) else { return path }
  defer { free(current) }
  return String(cString: current) + "/" + path
}

/// The absolute form of `path`, without `.`, `..` and empty components; links are not followed.
package func normalizedPath(_ path: String) -> String {
  var parts: [Substring] = []
  for bytes in absolutePath(path).utf8.split(separator: UInt8(ascii: "/")) {
    let part = Substring(bytes)
    if part == "." { continue }
    if part == ".." { _ = parts.popLast() } else { parts.append(part) }
  }
  return "/" + parts.joined(separator: "/")
}

/// Throws if `path` contains a zero byte: the system would end the path there, and use another file.
package func refuseZeroByte(_ path: String) throws {
  guard path.utf8.contains(0) else { return }
  throw MartletError(
    .invalidArgument,
    """
    The path \(path.debugDescription) contains a zero byte, which is not valid in a name. If the name is made from \
    data, replace invalid characters.
    """)
}

/// The name of `path` within its folder.
package func lastComponent(_ path: String) -> String {
  let path = withoutTrailingSlashes(path)
  return path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
}

/// `path` without trailing slashes.
package func withoutTrailingSlashes(_ path: String) -> String {
  // Compares bytes: a slash is a separator even if a combining character follows.
  var bytes = path.utf8[...]
  while bytes.last == UInt8(ascii: "/") && bytes.startIndex != bytes.index(before: bytes.endIndex) {
    bytes = bytes.dropLast()
  }
  return String(Substring(bytes))
}
