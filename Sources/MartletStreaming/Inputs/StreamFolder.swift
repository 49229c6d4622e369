#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletRDD

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
      normalizedPath(path.hasPrefix("/") ? path : joined(workingDirectory, path))
    }
    let parts = spelled.split(separator: "/").filter { $0 != "." }
    let plain = parts.joined(separator: "/")
    // Without `./`, `./hdfs:/x` would be read as a URI.
    let prefix = spelled.hasPrefix("/") ? "/" : (try? localPath(plain)) == plain ? "" : "./"
    path = spelled.isEmpty ? "" : parts.isEmpty ? (prefix.isEmpty ? "." : "/") : prefix + plain
    identity = absolute(path)
    let fixed = parts.prefix { !$0.contains { "*?[".contains($0) } }
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
        if !file.path.hasPrefix("/") { file.path = joined(base, file.path) }
        return file
      }
  }

  /// Whether files in `other`, or in a folder within it, would be read.
  func reads(_ other: String) -> Bool {
    let real = realPath(other)
    return ((try? matchingFolders(path)) ?? []).map(realPath).contains { $0 == real || $0.hasPrefix(real + "/") }
      || reads(filesOf: other)
  }

  /// Whether files in `other` would be read, which need not be there yet.
  func reads(filesOf other: String) -> Bool {
    let other = normalizedPath(other)
    if identity == other { return true }
    // A folder that is there goes before a pattern.
    return isPattern(path) && !isThere(path) && fnmatch(identity, other, FNM_PATHNAME | FNM_PERIOD) == 0
  }

  private func below(_ file: SeenFile) -> SeenFile {
    let prefix = base.isEmpty || base == "/" ? base : base + "/"
    guard file.path.hasPrefix(prefix) else { return file }
    var file = file
    file.path.removeFirst(prefix.count)
    return file
  }
}

/// `path` from the root on, with links followed as far as it is there.
private func realPath(_ path: String) -> String {
  let path = normalizedPath(path)
  if let found = realpath(path, nil) {
    defer { free(found) }
    return String(cString: found)
  }
  return path == "/" ? path : joined(realPath(parentFolder(path)), lastComponent(path))
}
