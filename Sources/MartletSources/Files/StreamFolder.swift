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

/// The folder that a stream of files looks at, or the pattern for folders, however the program spells it.
struct StreamFolder: Sendable {
  /// As the program has it, without what changes nothing: `in` for `./in/`.
  let path: String
  /// From the root on. It is what the folder is known by: another spelling is the same folder, and the same spelling in
  /// another working directory is not.
  let identity: String
  /// The part of the path without patterns, in the path and from the root on.
  private let base: String
  private let root: String

  /// - Parameter workingDirectory: where a path begins that does not begin with `/`.
  init(_ spelled: String, in workingDirectory: String = ".") {
    func absolute(_ path: String) -> String {
      normalizedPath(isAbsolute(path) ? path : FilePath(path, in: FilePath(workingDirectory)).text)
    }
    // By bytes: a slash is a separator also where the next character combines with it.
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

  /// Files of a list, with the paths at which the stream finds them.
  func files(_ files: [SeenFile]) -> [SeenFile] {
    base.isEmpty
      ? files
      : files.map { file in
        var file = file
        if !file.path.isAbsolute { file.path = FilePath(file.path.text, in: FilePath(base)) }
        return file
      }
  }

  /// Whether files in `other`, or in a folder within it, would be read.
  func reads(_ other: String) -> Bool {
    let real = FilePath(realPath(other))
    return ((try? matchingFolders(path)) ?? []).contains { FilePath(realPath($0)).isWithin(real) }
      || reads(filesOf: other)
  }

  /// Whether files in `other` would be read, which need not be there yet.
  func reads(filesOf other: String) -> Bool {
    let other = normalizedPath(other)
    if FilePath(identity) == FilePath(other) { return true }
    // A folder that is there goes before a pattern.
    return isPattern(path) && !isThere(path) && fnmatch(identity, other, FNM_PATHNAME | FNM_PERIOD) == 0
  }

  private func below(_ file: SeenFile) -> SeenFile {
    guard !base.isEmpty, let path = file.path.below(FilePath(base)) else { return file }
    return SeenFile(path: path, facts: file.facts)
  }
}

/// `path` from the root on, with links followed as far as it is there.
private func realPath(_ path: String) -> String {
  let path = normalizedPath(path)
  if let found = realpath(path, nil) {
    defer { free(found) }
    return String(cString: found)
  }
  if path == "/" { return path }
  return FilePath(lastComponent(path), in: FilePath(realPath(parentFolder(path)))).text
}

/// Whether a path begins at the root.
private func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }
