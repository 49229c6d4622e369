#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletRDD
import MartletStreaming

/// The folder of a file stream, or the pattern for folders, independent of its spelling.
struct StreamFolder: Sendable {
  /// The path in the program, without redundant parts: `in` for `./in/`.
  let path: String
  /// The absolute path, which identifies the folder: another spelling is the same folder, and the same spelling in
  /// another working directory is not.
  let identity: String
  /// The part of the path without patterns, relative and absolute.
  private let base: String
  private let root: String

  /// - Parameter workingDirectory: the folder that relative paths are relative to.
  init(_ spelled: String, in workingDirectory: String = ".") {
    func absolute(_ path: String) -> String {
      normalizedPath(isAbsolute(path) ? path : FilePath(path, in: FilePath(workingDirectory)).text)
    }
    // Splits bytes: a slash is a separator even if a combining character follows.
    let parts = spelled.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }.filter { $0 != "." }
    let plain = parts.joined(separator: "/")
    // Without `./`, `./hdfs:/x` would be read as a URI.
    let prefix = isAbsolute(spelled) ? "/" : (try? localPath(plain)) == plain ? "" : "./"
    path = spelled.isEmpty ? "" : parts.isEmpty ? (prefix.isEmpty ? "." : "/") : prefix + plain
    identity = absolute(path)
    let fixed = parts.prefix { !isPattern($0) }
    base = fixed.isEmpty ? (path == "." ? "." : prefix) : prefix + fixed.joined(separator: "/")
    root = absolute(base)
  }

  /// Files with their paths below the folder.
  func list(_ files: [SeenFile], departed: [SeenFile] = []) -> FileList {
    FileList(folder: root, files: files.map(below), departed: departed.map(below))
  }

  /// The files of a list, with the paths at which the stream finds them.
  func files(_ files: [SeenFile]) -> [SeenFile] {
    base.isEmpty
      ? files
      : files.map { file in
        var file = file
        if !file.path.isAbsolute { file.path = FilePath(file.path.text, in: FilePath(base)) }
        return file
      }
  }

  /// Returns true if files in `other`, or in a folder within it, would be read.
  func reads(_ other: String) -> Bool {
    let real = FilePath(realPath(other))
    return ((try? matchingFolders(path)) ?? []).contains { FilePath(realPath($0)).isWithin(real) }
      || reads(filesOf: other)
  }

  /// Returns true if files in `other`, which need not exist yet, would be read.
  func reads(filesOf other: String) -> Bool {
    let other = normalizedPath(other)
    if FilePath(identity) == FilePath(other) { return true }
    // An existing folder takes precedence over a pattern.
    return isPattern(path) && !isThere(path) && fnmatch(identity, other, FNM_PATHNAME | FNM_PERIOD) == 0
  }

  private func below(_ file: SeenFile) -> SeenFile {
    guard !base.isEmpty, let path = file.path.below(FilePath(base)) else { return file }
    return SeenFile(path: path, facts: file.facts)
  }
}

/// The absolute form of `path`, with links followed as far as it exists.
private func realPath(_ path: String) -> String {
  let path = normalizedPath(path)
  if let found = realpath(path, nil) {
    defer { free(found) }
    return String(cString: found)
  }
  if path == "/" { return path }
  return FilePath(lastComponent(path), in: FilePath(realPath(parentFolder(path)))).text
}

/// Returns true if a path is absolute.
private func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }
