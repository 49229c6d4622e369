#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

package import MartletCore

/// A file to read.
package struct InputFile: Sendable, Equatable {
  package var path: String
  package var size: Int
  /// The facts of the file when a stream found it: only that file is read, and only up to its size at that time.
  package var planned: FileFacts?

  package init(path: String, size: Int, planned: FileFacts? = nil) {
    self.path = path
    self.size = size
    self.planned = planned
  }
}

/// The files that an operation reads, as the program names them.
enum InputPaths: Sendable {
  /// A file, a folder, a pattern, or a comma-separated list of these. An existing name takes precedence over a list and
  /// over a pattern.
  case list(String)
  /// Individually named files and folders, whose names are never lists or patterns.
  case names([String])
}

/// The files that `paths` name.
///
/// - Throws: `MartletError` if one of the names matches nothing, is empty, or is not that of a local file.
func listInputFiles(_ paths: InputPaths, _ site: OperatorSite) throws -> [InputFile] {
  switch paths {
  case .names(let names):
    return try names.flatMap { name in
      if name.isEmpty { throw site.refuses("a path is empty. Pass the name of a file or folder.") }
      let path = try site.localPath(name)
      return try site.explaining { try list(path, fileStatus(path)) }
    }
  case .list(let text):
    let names = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    if names.count > 1 {
      let whole = try site.localPath(text)
      if let status = try? fileStatus(whole) { return try site.explaining { try list(whole, status) } }
    }
    return try names.flatMap { name in
      if name.isEmpty {
        throw site.refuses(
          "the path '\(text)' contains an empty name. Write the name of a file or folder, or remove the comma.")
      }
      let path = try site.localPath(String(Substring(name)))
      return try site.explaining { try expand(path) }
    }
  }
}

extension OperatorSite {
  /// The result of `body`; its errors get the operation and the line of the program.
  fileprivate func explaining<Result>(_ body: () throws -> Result) throws -> Result {
    try MartletCore.explaining("\(name) at \(callSite)", body)
  }
}

/// The files of a name or a pattern.
private func expand(_ name: String) throws -> [InputFile] {
  if let status = try? fileStatus(name) { return try list(name, status) }
  let matches = try patternMatches(name)
  if matches.isEmpty {
    do { _ = try fileStatus(name) } catch let error as MartletError {
      throw error.worded(error.message + advice(onMissing: name))
    }
  }
  return try matches.flatMap { match in
    guard match.isUTF8 else { throw isNotUTF8(match.path) }
    return try list(match.path, fileStatus(match.path))
  }
}

/// Advice for a name that does not exist, if Spark would interpret it differently.
package func advice(onMissing name: String) -> String {
  guard name.contains(where: { "{}".contains($0) }) else { return "" }
  return ". Patterns support '*', '?' and '[…]', but not braces: list the names, separated by commas."
}

private func list(_ path: String, _ status: stat) throws -> [InputFile] {
  guard status.st_mode & S_IFMT == S_IFDIR else { return [InputFile(path: path, size: Int(status.st_size))] }
  let entries = try Folder.entries(path).filter { !isHiddenName($0.name) && !$0.isFolder }
  return try entries.sorted { FilePath($0.name) < FilePath($1.name) }.compactMap { entry in
    let inner = path.utf8.last == UInt8(ascii: "/") ? path + entry.name : path + "/" + entry.name
    guard entry.isUTF8 else { throw isNotUTF8(inner) }
    // A link may be dangling, and a file may have been removed since the listing.
    guard let status = try existingFileStatus(inner) else { return nil }
    return status.st_mode & S_IFMT == S_IFREG ? InputFile(path: inner, size: Int(status.st_size)) : nil
  }
}

/// The error for a file that exists but cannot be opened.
private func isNotUTF8(_ path: String) -> MartletError {
  MartletError(
    .inputOutput,
    """
    '\(path)' has a name that is not UTF-8, and cannot be opened. Rename it, or give it a name that begins with '.' \
    to exclude it.
    """)
}

/// The metadata of a file.
func fileStatus(_ path: String) throws -> stat {
  guard let status = try existingFileStatus(path) else {
    throw MartletError.system("Cannot read '\(path)'", errno: ENOENT)
  }
  return status
}

/// The metadata of a file; `nil` if it does not exist.
private func existingFileStatus(_ path: String) throws -> stat? {
  try refuseZeroByte(path)
  var status = stat()
  if stat(path, &status) == 0 { return status }
  if errno == ENOENT { return nil }
  throw MartletError.system("Cannot read '\(path)'", errno: errno)
}

/// Returns true if a file with this name is skipped in folders: it belongs to the program that writes there.
package func isHiddenName(_ name: String) -> Bool { name.utf8.first.map { "._".utf8.contains($0) } ?? false }

/// A match of a pattern.
package struct PatternMatch: Sendable {
  package let path: String
  /// True if `path` is the actual path, and not a replacement for one that is not UTF-8.
  package let isUTF8: Bool
  package let isFolder: Bool
}

/// The matches of a pattern with `*`, `?` or `[…]`, sorted.
///
/// - Throws: `MartletError` if a folder that it leads through cannot be listed, because it may contain more matches.
package func patternMatches(_ pattern: String) throws -> [PatternMatch] {
  try refuseZeroByte(pattern)
  var result = glob_t()
  defer { globfree(&result) }
  let code = glob(
    pattern, GLOB_MARK, { _, code in [ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(code) ? 0 : 1 }, &result)
  if code == GLOB_NOMATCH { return [] }
  guard code == 0 else {
    throw MartletError(
      .inputOutput,
      """
      Cannot list all matches of the pattern '\(pattern)', because a folder that it leads through cannot be read. \
      Grant this user permission to read it, or write a pattern that excludes it.
      """)
  }
  return (0..<Int(result.gl_pathc)).compactMap { i in
    guard let start = result.gl_pathv[i] else { return nil }
    let (path, isUTF8) = shown(UnsafeRawBufferPointer(start: start, count: strlen(start)))
    let isFolder = path.utf8.last == UInt8(ascii: "/")
    return PatternMatch(path: withoutTrailingSlashes(path), isUTF8: isUTF8, isFolder: isFolder)
  }
}

/// Returns true if `name` contains characters of patterns.
package func isPattern(_ name: String) -> Bool { name.utf8.contains { "*?[".utf8.contains($0) } }

// MARK: Compressed files

/// The endings of files that are compressed in formats other than `.gz`.
private let packedEndings: Set<String> = [
  "7z", "br", "bz2", "deflate", "lz", "lz4", "lzma", "lzo", "rar", "snappy", "tbz2", "tgz", "txz", "xz", "z", "zip",
  "zst",
]

/// Throws if one of the files, which are to be read as text, is compressed in an unsupported format: its bytes would be
/// read as lines.
func refusePacked(_ files: [InputFile], _ site: OperatorSite) throws {
  for file in files {
    guard let dot = file.path.utf8.lastIndex(of: UInt8(ascii: ".")) else { continue }
    let ending = file.path[dot...].dropFirst()
    let isKnown = ending.lowercased() == "gz" && ending != "gz"
    guard isKnown || packedEndings.contains(ending.lowercased()) else { continue }
    throw site.refuses(
      isKnown
        ? "'\(file.path)' is decompressed only if its name ends in '.gz', in lower case. Rename it."
        : """
        '\(file.path)' is compressed, by its name, and only '.gz' can be decompressed. Decompress it, or compress it \
        with gzip. If it is text, rename it; to read its bytes, use binaryFiles.
        """)
  }
}
